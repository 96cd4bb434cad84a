package dev.inferno.tokenizer.huggingface;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The rules of a SentencePiece model that were compiled into a double array, as Hugging Face
/// applies them: to a grapheme of few bytes as a whole, or else to its characters, and always by
/// the shortest rule that fits. (SentencePiece itself takes the longest rule and knows no
/// graphemes.)
///
/// Yata: Darts-clone, <https://github.com/s-yata/darts-clone>
final class PrecompiledRules implements Normalizer {

  private static final Pattern GRAPHEME = Pattern.compile("\\X");

  /// Longer graphemes are taken character by character.
  private static final int LONGEST_GRAPHEME_BYTES = 5;

  private static final int VALUE = 1 << 31;

  private final int[] units;
  private final byte[] replacements;

  /// Which characters of ASCII no rule changes.
  private final boolean[] asciiStays = new boolean[0x80];

  private PrecompiledRules(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
    for (int c = 0; c < asciiStays.length; c++) {
      asciiStays[c] = find(new byte[] {(byte) c}) < 0;
    }
  }

  static Normalizer read(Node node) {
    String key = "precompiled_charsmap";
    String encoded = node.requiredText(key);
    byte[] map;
    try {
      map = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      throw node.malformed(key, "is not Base64: " + e.getMessage());
    }
    if (map.length == 0) {
      return text -> text;
    }
    ByteBuffer bytes = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
    long size = map.length < Integer.BYTES ? -1 : Integer.toUnsignedLong(bytes.getInt());
    if (size < 0 || size % Integer.BYTES != 0 || size > bytes.remaining()) {
      throw node.malformed(
          key,
          "has %d bytes, of which the first four say that %d follow; it must be a multiple of 4"
                  .formatted(map.length, size)
              + " that is there");
    }
    int[] units = new int[(int) size / Integer.BYTES];
    bytes.asIntBuffer().get(units);
    byte[] replacements = Arrays.copyOfRange(map, Integer.BYTES + (int) size, map.length);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
    } catch (CharacterCodingException e) {
      throw node.malformed(key, "has replacements that are not UTF-8");
    }
    return new PrecompiledRules(units, replacements);
  }

  @Override
  public AlignedText normalize(AlignedText text) {
    String from = text.text();
    var builder = new AlignedText.Builder(text, text.length() + 16);
    Matcher graphemes = GRAPHEME.matcher(from);
    boolean changed = false;
    for (int start = 0; start < from.length(); ) {
      int end = start + 1;
      if (!isAlone(from, start) && graphemes.region(start, from.length()).lookingAt()) {
        end = graphemes.end();
      }
      changed |= addGrapheme(text, start, end, builder);
      start = end;
    }
    return changed ? builder.build() : text;
  }

  /// Whether a character is surely a grapheme by itself: it and the next one are ASCII.
  private static boolean isAlone(String text, int at) {
    char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
    return text.charAt(at) < 0x80 && next < 0x80 && next != '\n';
  }

  private boolean addGrapheme(AlignedText text, int from, int to, AlignedText.Builder builder) {
    boolean single = from + Character.charCount(text.text().codePointAt(from)) == to;
    if (!single && addChanged(text, from, to, LONGEST_GRAPHEME_BYTES, builder)) {
      return true;
    }
    boolean changed = false;
    for (int i = from; i < to; ) {
      int end = i + Character.charCount(text.text().codePointAt(i));
      if (addChanged(text, i, end, Integer.MAX_VALUE, builder)) {
        changed = true;
      } else {
        builder.add(text, i, end);
      }
      i = end;
    }
    return changed;
  }

  private boolean addChanged(
      AlignedText text, int from, int to, int longest, AlignedText.Builder builder) {
    char first = text.text().charAt(from);
    if (to - from == 1 && first < 0x80 && asciiStays[first]) {
      return false;
    }
    byte[] part = text.text().substring(from, to).getBytes(StandardCharsets.UTF_8);
    int replacement = part.length > longest ? -1 : find(part);
    if (replacement < 0) {
      return false;
    }
    int end = replacement;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    String changed =
        new String(replacements, replacement, end - replacement, StandardCharsets.UTF_8);
    builder.add(changed, text.start(from), text.end(to - 1));
    return true;
  }

  /// Where the replacement of the shortest rule begins that fits the beginning, or -1.
  private int find(byte[] part) {
    int node = units.length == 0 ? -1 : offset(units[0]);
    for (byte octet : part) {
      node ^= octet & 0xFF;
      if (octet == 0 || !isUnit(node) || (units[node] & (VALUE | 0xFF)) != (octet & 0xFF)) {
        return -1;
      }
      int unit = units[node];
      node ^= offset(unit);
      boolean leaf = (unit >>> 8 & 1) == 1;
      if (leaf && isUnit(node)) {
        int replacement = units[node] & ~VALUE;
        return replacement < replacements.length ? replacement : -1;
      }
    }
    return -1;
  }

  private boolean isUnit(int node) {
    return node >= 0 && node < units.length;
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & 1 << 9) >>> 6);
  }
}
