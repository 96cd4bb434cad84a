package dev.inferno.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Token ids as the command line has them: `1,2,3`, blanks and one pair of brackets allowed.
final class TokenIds {
  static final TokenIds NONE = new TokenIds(new int[0]);

  private final int[] ids;

  private TokenIds(int[] ids) {
    this.ids = ids;
  }

  static TokenIds of(int... ids) {
    return new TokenIds(ids.clone());
  }

  int[] ids() {
    return ids.clone();
  }

  /// The form in which ids are printed: an array in JSON, which {@link Converter} reads too.
  static String print(int[] ids) {
    return Arrays.stream(ids)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  /// Reads them from an option.
  static final class Converter implements ITypeConverter<TokenIds> {
    @Override
    public TokenIds convert(String value) {
      String list = value.strip();
      if (list.startsWith("[") && list.endsWith("]") && list.length() > 1) {
        list = list.substring(1, list.length() - 1);
      }
      return new TokenIds(
          Arrays.stream(list.split(",", -1)).map(String::strip).mapToInt(Converter::id).toArray());
    }

    private static int id(String digits) {
      try {
        int id = Integer.parseInt(digits);
        if (id >= 0) {
          return id;
        }
      } catch (NumberFormatException e) {
        // reported below, like a negative number
      }
      throw new TypeConversionException(
          "token ids must be integers of at least 0, separated by commas, but one is '"
              + digits
              + "'");
    }
  }
}
