package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedJsonTest {

  private static final String BPE =
      "{'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2,'<u>':3},'merges':['a b']MODEL}FILE}";

  @TempDir private Path folder;

  private Path file(String json) {
    return new TokenizerFolder(folder).write("bad.json", json.replace('\'', '"'));
  }

  private void refused(String json, String message) {
    Path file = file(json);
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessage(file + ": malformed" + message);
  }

  private void unsupported(String json, String message) {
    Path file = file(json);
    assertThatExceptionOfType(UnsupportedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessageStartingWith(file + ": unsupported: " + message);
  }

  private static String bpe(String model, String file) {
    return BPE.replace("MODEL", model).replace("FILE", file);
  }

  @Test
  void whatIsWellFormedIsRead() throws IOException {
    Tokenizer tokenizer = Tokenizer.read(file(bpe("", "")));
    assertThat(tokenizer.encode("abba").ids()).containsExactly(2, 1, 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'a':NaN} | at line 1, column 9: not valid JSON: Non-standard token 'NaN'",
        "{'a':[1 | at line 1, column 8: not valid JSON: Unexpected end-of-input: expected close marker for Array (start marker at line: 1, column: 6)",
        "{'a':/*1*/2} | at line 1, column 6: not valid JSON: Unexpected character ('/' (code 47)): maybe a (non-standard) comment?",
      })
  void whatIsNoJsonIsRefusedWithItsPlaceAndWithoutAdviceToProgrammers(String json, String message) {
    refused(json, " " + message);
  }

  @Test
  void boundsOfJsonAreToldWithoutAPlaceThatIsNotKnown() {
    refused(
        "{'a':" + "[".repeat(70),
        ": not valid JSON: Document nesting depth (65) exceeds the maximum allowed (64)");
    refused(
        "{'a':'" + "b".repeat((1 << 23) + 9) + "'}",
        ": not valid JSON: String value length (8388617) exceeds the maximum allowed (8388608)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':['a b']}} |: model.merges[0] needs 'b', which must be a token of model.vocab",
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':[['a','a']]}} |: model.merges[0] needs 'aa', which must be a token of model.vocab",
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':['ab']}} |: model.merges[0] is 'ab', must be two tokens with a blank between them, or an array of two tokens",
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':[['a']]}} |: model.merges[0] is an array of 1, must be two tokens with a blank between them, or an array of two tokens",
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':[7]}} |: model.merges[0] is 7, must be two tokens with a blank between them, or an array of two tokens",
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':7}} |: model.merges is 7, must be an array",
        "{'model':{'type':'BPE','vocab':{'a':0,'b':0},'merges':[]}} |: model.vocab gives the id 0 to 'a' and to 'b'; each token must have its own",
        "{'model':{'type':'BPE','vocab':{'a':-1},'merges':[]}} |: model.vocab has the id -1 for 'a'; possible are 0 to 65535",
        "{'model':{'type':'BPE','vocab':{'a':'x'},'merges':[]}} |: model.vocab has the id 'x' for 'a'; possible are 0 to 65535",
        "{'model':{'type':'BPE','vocab':{},'merges':[]}} |: model.vocab is empty, must have at least one token",
        "{'model':{'type':'BPE','merges':[]}} |: model.vocab is not there, must be an object",
        "{'model':{'type':'BPE','vocab':{'a':0},'merges':[],'unk_token':'u'}} |: model.unk_token is 'u', which must be a token of model.vocab",
        "{'model':{'type':'WordPiece','vocab':{'a':0}}} |: model.unk_token is not there, must be the token for what is unknown, a token of model.vocab",
        "{'model':{'type':'WordLevel','vocab':{'a':0},'unk_token':'u'}} |: model.unk_token is 'u', which must be a token of model.vocab",
        "{'model':{'type':'Unigram','vocab':[['a',-1]]}} |: model.unk_id is not there, must be the id of the token for what is unknown; possible are 0 to 0",
        "{'model':{'type':'Unigram','vocab':[['a',-1]],'unk_id':1}} |: model.unk_id is 1, must be the id of the token for what is unknown; possible are 0 to 0",
        "{'model':{'type':'Unigram','vocab':[['a',-1],['a',-2]],'unk_id':0}} |: model.vocab[1] has 'a' twice, with the ids 0 and 1",
        "{'model':{'type':'Unigram','vocab':[['a']],'unk_id':0}} |: model.vocab[0] is an array of 1, must be an array of a text and a number",
        "{} |: model is not there, must be an object",
        "[] |: must be a JSON object, but is a START_ARRAY",
      })
  void modelsThatContradictThemselvesAreRefused(String json, String message) {
    refused(json, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'added_tokens':[{'id':1,'content':'x'}] |: added_tokens[0].id is 1 for 'x', but that is 'b'; each token must have its own",
        "'added_tokens':[{'id':4,'content':'x'},{'id':4,'content':'y'}] |: added_tokens[1].id is 4 for 'y', but that is 'x'; each token must have its own",
        "'added_tokens':[{'content':'x'}] |: added_tokens[0].id is -1; possible are 0 to 65535",
        "'added_tokens':[7] |: added_tokens[0] is 7, must be an object",
        "'normalizer':{} |: normalizer.type is not there, must be a text",
        "'normalizer':{'type':'Replace','content':'x'} |: normalizer.pattern is not there, must be an object",
        "'normalizer':{'type':'Replace','pattern':{},'content':'x'} |: normalizer.pattern has neither 'String' nor 'Regex', must have one of them",
        "'normalizer':{'type':'Precompiled','precompiled_charsmap':'AAA'} |: normalizer.precompiled_charsmap has 2 bytes, of which the first four say that -1 follow; it must be a multiple of 4 that is there",
        "'normalizer':{'type':'Precompiled','precompiled_charsmap':'????'} |: normalizer.precompiled_charsmap is not Base64: Illegal base64 character 3f",
        "'pre_tokenizer':{'type':'Sequence'} |: pre_tokenizer.pretokenizers is not there, must be an array",
        "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':3}]} |: pre_tokenizer.pretokenizers[0].individual_digits is 3, must be true or false",
        "'pre_tokenizer':{'type':'FixedLength','length':0} |: pre_tokenizer.length is 0; possible are 1 to 2147483647",
        "'post_processor':{'type':'BertProcessing','cls':['a',0],'sep':['b',4]} |: post_processor.sep has the id 4; possible are 0 to 3",
        "'post_processor':{'type':'TemplateProcessing','single':[],'special_tokens':{}} |: post_processor.single has the text 0 times, must have it once",
        "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x'}}],'special_tokens':{}} |: post_processor.special_tokens.x is not there, must be an object",
      })
  void partsThatLackWhatTheyNeedAreRefused(String part, String message) {
    refused(bpe("", "," + part), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'normalizer':{'type':'X'} | normalizer.type is 'X'; supported are BertNormalizer, ByteLevel,",
        "'pre_tokenizer':{'type':'X'} | pre_tokenizer.type is 'X'; supported are BertPreTokenizer,",
        "'pre_tokenizer':{'type':'Split','pattern':{'String':'a'},'behavior':'X'} | pre_tokenizer.behavior is 'X'; supported are Contiguous,",
        "'pre_tokenizer':{'type':'Split','pattern':{'Regex':'(a'},'behavior':'Isolated'} | pre_tokenizer.pattern.Regex is '(a', which is not understood: Unclosed group",
        "'pre_tokenizer':{'type':'Metaspace','prepend_scheme':'X'} | pre_tokenizer.prepend_scheme is 'X'; supported are always, first, never",
        "'post_processor':{'type':'X'} | post_processor.type is 'X'; supported are BertProcessing,",
        "'decoder':{'type':'Sequence','decoders':[{'type':'X'}]} | decoder.decoders[0].type is 'X'; supported are BPEDecoder,",
      })
  void unknownPartsAreRefusedByName(String part, String message) {
    unsupported(bpe("", "," + part), message);
  }

  @Test
  void anIdThatTheModelHasAnotherOneForIsIgnored() throws IOException {
    Path file = file(bpe("", ",'added_tokens':[{'id':9,'content':'b'}]"));
    List<String> warnings = new ArrayList<>();
    assertThat(Tokenizer.read(file, warnings::add).encode("ab").ids()).containsExactly(0, 1);
    assertThat(warnings)
        .containsExactly(file + ": added_tokens[0].id is 9 and ignored: 'b' has the id 1 already");
  }

  @Test
  void unknownModelsAreRefusedByName() {
    unsupported(
        "{'model':{'type':'X','vocab':{'a':0}}}",
        "model.type is 'X'; supported are BPE, Unigram, WordLevel, WordPiece");
    unsupported(
        bpe(",'dropout':0.1", ""),
        "model.dropout is 0.1; supported is 0, since ids would be random");
  }

  @Test
  void keysThatOccurTwiceAreRefused() {
    Path file = file("{'model':{'type':'BPE','vocab':{'a':0,'a':1},'merges':[]}}");
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessageStartingWith(file + ": malformed at line 1, column ")
        .withMessageContaining("Duplicate field 'a'");
  }

  @Test
  @Timeout(10) // a second, on a machine that does other things too
  void deepNestingIsRefused() {
    Path file = file("{'model':" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessageContaining("nesting depth (65) exceeds the maximum allowed");
  }

  @Test
  @Timeout(10)
  void endlessStringsAreRefused() throws IOException {
    for (String beginning : new String[] {"{\"model\":\"", "{\"model\":{\"vocab\":{\""}) {
      Path file = folder.resolve("long.json");
      byte[] part = new byte[1 << 20];
      Arrays.fill(part, (byte) 'a');
      try (OutputStream out = Files.newOutputStream(file)) {
        out.write(beginning.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 100; i++) {
          out.write(part);
        }
      }
      assertThatExceptionOfType(MalformedTokenizerException.class)
          .isThrownBy(() -> Tokenizer.read(file))
          .withMessageStartingWith(file + ": malformed")
          .withMessageContaining("exceeds the maximum allowed");
    }
  }

  @Test
  void tokensAsLongAsBooksAreRefused() {
    Path file =
        file("{'model':{'type':'BPE','vocab':{'" + "a".repeat(70_000) + "':0},'merges':[]}}");
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessage(
            "%s: malformed: model.vocab has a token of 70000 chars, '%s...'; possible are up to 65536"
                .formatted(file, "a".repeat(60)));
  }

  @Test
  void whatIsNoJsonOrEndsEarlyIsRefused() {
    for (String json : new String[] {"{'model':", "{'model':{}} x", "{'model':\u0001}"}) {
      Path file = file(json);
      assertThatExceptionOfType(MalformedTokenizerException.class)
          .isThrownBy(() -> Tokenizer.read(file))
          .withMessageStartingWith(file + ": malformed");
    }
  }

  @Test
  void filesThatAreNothingKnownAreRefused() throws IOException {
    Path file = Files.write(folder.resolve("strange"), new byte[] {71, 71, 85, 70});
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessage(
            file
                + ": malformed: begins with the byte 71; possible are a tokenizer.json, which"
                + " begins with '{', and a SentencePiece model, which begins with the byte 10");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokenizer.read(empty))
        .withMessage(
            empty + ": a folder without tokenizer; it must have tokenizer.json or tokenizer.model");
  }
}
