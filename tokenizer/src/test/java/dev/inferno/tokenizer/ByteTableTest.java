package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteTableTest {

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int find(ByteTable table, String latin) {
    byte[] text = bytes("<" + latin + ">");
    return table.find(text, 1, text.length - 1);
  }

  @Test
  void stringsThatBeginAlikeAreToldApart() {
    List<String> texts =
        List.of("", "\0", "\0\0", "abcdefgh", "abcdefgh\0", "abcdefghi", "abcdefghj", "abcdefg");
    ByteTable table = new ByteTable(texts.size());
    assertThat(find(table, "")).isEqualTo(-1);
    texts.forEach(text -> table.add(bytes(text), 0, text.length()));
    for (int i = 0; i < texts.size(); i++) {
      assertThat(find(table, texts.get(i))).as(texts.get(i)).isEqualTo(i);
    }
    assertThat(find(table, "\0\0\0")).isEqualTo(-1);
    assertThat(find(table, "abcdefghk")).isEqualTo(-1);
  }

  @Test
  void whatIsAppendedHasANumberAndIsNotFound() {
    ByteTable table = new ByteTable(2);
    table.append(bytes("a"), 0, 1);
    table.add(bytes("b"), 0, 1);
    assertThat(find(table, "a")).isEqualTo(-1);
    assertThat(find(table, "b")).isEqualTo(1);
    assertThat(table.size()).isEqualTo(2);
    assertThat(table.length(0)).isEqualTo(1);
  }

  @Test
  void ofEqualStringsTheLastIsFoundHoweverManyThereAre() {
    Random random = new Random(5);
    ByteTable table = new ByteTable(0);
    Map<String, Integer> expected = new HashMap<>();
    List<String> absent = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(20); length > 0; length--) {
        text.append((char) random.nextInt(3));
      }
      if (random.nextInt(4) == 0) {
        absent.add(text.toString());
      } else {
        expected.put(text.toString(), table.add(bytes(text.toString()), 0, text.length()));
      }
    }
    expected.forEach((text, number) -> assertThat(find(table, text)).isEqualTo(number));
    absent.removeAll(expected.keySet());
    assertThat(absent).isNotEmpty().allSatisfy(text -> assertThat(find(table, text)).isEqualTo(-1));
  }
}
