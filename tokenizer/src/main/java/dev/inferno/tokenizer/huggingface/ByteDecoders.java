package dev.inferno.tokenizer.huggingface;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Decoders of tokens that stand for bytes.
final class ByteDecoders {

  private static final Map<Character, Integer> BYTES = new HashMap<>();

  static {
    for (int octet = 0; octet < 256; octet++) {
      BYTES.put(ByteLevelText.character(octet), octet);
    }
  }

  private ByteDecoders() {}

  /// The bytes that all tokens spell in {@link ByteLevelText}'s alphabet, as text. A token with
  /// other characters in it stands for itself.
  static List<String> byteLevel(List<String> tokens) {
    var bytes = new ByteArrayOutputStream();
    for (String token : tokens) {
      if (token.chars().allMatch(c -> BYTES.containsKey((char) c))) {
        token.chars().forEach(c -> bytes.write(BYTES.getOrDefault((char) c, 0)));
      } else {
        bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
      }
    }
    return List.of(text(bytes.toByteArray()));
  }

  /// A run of tokens written `<0xHH>` is the text that their bytes make, or else U+FFFD for each.
  static List<String> byteFallback(List<String> tokens) {
    List<String> decoded = new ArrayList<>();
    var run = new ByteArrayOutputStream();
    for (String token : tokens) {
      int octet = octet(token);
      if (octet >= 0) {
        run.write(octet);
      } else {
        endRun(run, decoded);
        decoded.add(token);
      }
    }
    endRun(run, decoded);
    return decoded;
  }

  private static void endRun(ByteArrayOutputStream run, List<String> decoded) {
    if (run.size() == 0) {
      return;
    }
    try {
      decoded.add(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(run.toByteArray()))
              .toString());
    } catch (CharacterCodingException e) {
      for (int i = 0; i < run.size(); i++) {
        decoded.add("\uFFFD");
      }
    }
    run.reset();
  }

  private static int octet(String token) {
    if (token.length() != 6 || !token.startsWith("<0x") || !token.endsWith(">")) {
      return -1;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /// Each longest part that could have begun a character becomes one U+FFFD; the platform would
  /// make one of a whole encoded surrogate.
  private static String text(byte[] bytes) {
    var text = new StringBuilder(bytes.length);
    int from = 0;
    for (int i = 0; i + 1 < bytes.length; i++) {
      if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0) {
        text.append(new String(bytes, from, i - from, StandardCharsets.UTF_8)).append('\uFFFD');
        from = i + 1;
      }
    }
    return text.append(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8))
        .toString();
  }
}
