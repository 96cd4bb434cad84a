package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Tokenizers from SentencePiece's own files.
class SentencePieceModelTest {

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  @TempDir private static Path folder;

  private static ExpectedIds published(String name) {
    return new ExpectedIds(
        new TokenizerFolder(folder)
            .read(name + ".model", GgufMetadata.resourceBytes(name + ".tokenizer.model.gz")),
        ExpectedIds.json(GgufMetadata.resourceBytes(name + ".expected.json.gz")));
  }

  @Test
  void bytePairEncodingAgreesWithTheReference() {
    ExpectedIds ids = published("mistral_v1");
    ids.assertTextsGiveIds();
    ids.assertIdsGiveTexts();
    ids.assertStreamsGiveChunks();
    ids.assertPlacesCoverTexts();
  }

  @Test
  void unigramsAgreeWithTheReference() {
    ExpectedIds ids = published("ugm_small");
    ids.assertTextsGiveIds();
    ids.assertIdsGiveTexts();
    ids.assertStreamsGiveChunks();
  }

  /// A message of a protocol buffer.
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Message variable(long value) {
      long rest = value;
      for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
        bytes.write((int) ((rest & 0x7F) | 0x80));
      }
      bytes.write((int) rest);
      return this;
    }

    private Message integer(int field, long value) {
      return variable(field << 3).variable(value);
    }

    private Message bytes(int field, byte[] value) {
      variable((field << 3) | 2).variable(value.length);
      bytes.writeBytes(value);
      return this;
    }

    private Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private Message message(int field, Message value) {
      return bytes(field, value.toByteArray());
    }

    private Message real(int field, float value) {
      variable((field << 3) | 5);
      ByteBuffer buffer = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
      bytes.writeBytes(buffer.array());
      return this;
    }

    private Message piece(String text, float score, int type) {
      return message(1, new Message().text(1, text).real(2, score).integer(3, type));
    }

    private byte[] toByteArray() {
      return bytes.toByteArray();
    }
  }

  private static Message pieces() {
    return new Message()
        .piece("<unk>", 0, 2)
        .piece("<s>", 0, 3)
        .piece("</s>", 0, 3)
        .piece("\u2581", -1, 1)
        .piece("a", -2, 1)
        .piece("b", -3, 1)
        .piece("ab", -4, 1);
  }

  private static Message bpe(Message trainer, Message normalizer) {
    return pieces().message(2, trainer.integer(3, 2)).message(3, normalizer);
  }

  private static Tokenizer read(Message model) {
    return new TokenizerFolder(folder).read("small.model", model.toByteArray());
  }

  @Test
  void rolesAndTheBlankBeforeATextAreThoseOfTheFile() {
    Tokenizer tokenizer = read(bpe(new Message(), new Message()));
    assertThat(tokenizer.encode("ab").ids()).containsExactly(1, 3, 6);
    assertThat(tokenizer.id(SpecialToken.BEGINNING_OF_SEQUENCE)).hasValue(1);
    assertThat(tokenizer.id(SpecialToken.END_OF_SEQUENCE)).hasValue(2);
    assertThat(tokenizer.id(SpecialToken.UNKNOWN)).hasValue(0);

    Message trainer = new Message().integer(40, 0).integer(41, 2).integer(42, 1);
    Tokenizer other = read(bpe(trainer, new Message().integer(3, 0)));
    assertThat(other.encode("abc").ids()).containsExactly(2, 6, 0);
    assertThat(other.decode(3, 6)).isEqualTo(" ab");
  }

  @Test
  void kindsThatAreNotHandledAreRefusedByName() {
    String file = folder.resolve("small.model") + ": unsupported: ";
    assertThatThrownBy(() -> read(pieces().message(2, new Message().integer(3, 4))))
        .isInstanceOf(UnsupportedTokenizerException.class)
        .hasMessage(file + "trainer_spec.model_type is CHAR; supported are UNIGRAM and BPE");
    assertThatThrownBy(() -> read(pieces().message(2, new Message().integer(3, 9))))
        .hasMessage(file + "trainer_spec.model_type is 9; supported are UNIGRAM and BPE");
    assertThatThrownBy(() -> read(bpe(new Message().integer(24, 1), new Message())))
        .hasMessage(file + "trainer_spec.treat_whitespace_as_suffix is true; supported is false");
    assertThatThrownBy(() -> read(bpe(new Message(), new Message().integer(5, 0))))
        .hasMessage(file + "normalizer_spec.escape_whitespaces is false; supported is true");
  }

  private static void malformed(Message model, String message) {
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> read(model))
        .withMessage(folder.resolve("small.model") + ": malformed near byte " + message);
  }

  @Test
  void whatBreaksTheFormatIsRefused() {
    Message strange = new Message().piece("a", 0, 7);
    malformed(strange, "12: piece 0 of type 7; possible are 1 to 6");
    malformed(
        new Message().piece("a", 0, 1).piece("b", 0, 1).piece("a", 0, 1),
        "36: piece 2 is 'a', as piece 0 is; each must have its own");
    malformed(new Message().piece("a", Float.NaN, 1), "12: piece 0 has a score that is no number");
    malformed(new Message().variable(10).variable(200), "3: field 1 of 200 bytes, but 0 are left");
    malformed(
        new Message().variable(10).variable(-1),
        "11: field 1 of 18446744073709551615 bytes, but 0 are left");
    malformed(
        new Message().variable(10).variable(1).variable(0x0F),
        "3: field 1 of wire type 7; it must be 2");
    malformed(new Message().bytes(1, new byte[] {10, 1, (byte) 0xFF}), "5: field 1 is not UTF-8");
    malformed(
        new Message().piece("", 0, 1).bytes(9, new byte[0]).variable(0x0B),
        "14: field 1 of wire type 3; it must be 2");
    malformed(new Message().variable(10), "1: the file ends within a number");
    malformed(
        new Message().variable(10).bytes(0, new byte[] {1}),
        "3: a field numbered 0; possible are 1 and more");
  }

  @Test
  @Timeout(20) // a fraction of a second, on a machine that does nothing else
  void aPieceAsLongAsALibraryIsRefused() throws IOException {
    int length = 100 << 20;
    byte[] inner = new Message().variable(10).variable(length).toByteArray();
    byte[] outer = new Message().variable(10).variable(inner.length + length).toByteArray();
    Path file = folder.resolve("long.model");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(outer);
      out.write(inner);
      byte[] part = new byte[1 << 20];
      for (int i = 0; i < 100; i++) {
        out.write(part);
      }
    }
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.read(file))
        .withMessage(
            file
                + ": malformed near byte 10: field 1 has 104857600 bytes; possible are up to 65536");
  }

  @Test
  void everyBeginningOfAFileIsReadOrRefused() {
    byte[] whole = bpe(new Message(), new Message().integer(3, 1)).toByteArray();
    for (int length = 1; length < whole.length; length++) {
      Path file = new TokenizerFolder(folder).write("cut.model", Arrays.copyOf(whole, length));
      try {
        Tokenizer.read(file, warning -> {});
      } catch (MalformedTokenizerException | UnsupportedTokenizerException e) {
        assertThat(e).hasMessageStartingWith(file.toString());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  @Timeout(60)
  void changedBytesAreReadOrRefused() {
    byte[] whole = bpe(new Message(), new Message().integer(3, 1)).toByteArray();
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      byte[] changed = whole.clone();
      changed[1 + random.nextInt(whole.length - 1)] = (byte) random.nextInt();
      Path file = new TokenizerFolder(folder).write("changed.model", changed);
      try {
        Tokenizer.read(file, warning -> {}).encode("ab ba", PLAIN);
      } catch (MalformedTokenizerException | UnsupportedTokenizerException e) {
        assertThat(e).hasMessageStartingWith(file.toString());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
