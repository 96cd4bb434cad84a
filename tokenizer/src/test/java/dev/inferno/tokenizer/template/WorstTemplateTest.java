package dev.inferno.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What templates can make of a few lines ends all the same.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class WorstTemplateTest {

  private static String render(String template) {
    return ChatTemplate.of(template).render(Map.of(), Map.of()).text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b in a | False",
        "a.find(b) | -1",
        "a.rfind(c) | -1",
        "a.count(b) | 0",
        "a.split(b) == [a] | True",
        "a.rsplit(c) == [a] | True",
        "a.partition(b)[1] == '' | True",
        "a.rpartition(c)[1] == '' | True",
        "a.replace(b, '') == a | True",
        "a.strip('b' * 200000 ~ 'a') == '' | True",
        "b[:-1] in a | True",
        "a.count(b[:-1]) | 2",
        "a.rfind(c[1:]) | 200000"
      })
  void textsThatNearlyMatchEverywhereAreLookedThroughOnce(String expression, String expected) {
    String texts = "{% set a = 'a' * 400000 %}{% set b = 'a' * 200000 ~ 'b' %}";
    assertThat(render(texts + "{% set c = 'b' ~ 'a' * 200000 %}{{ " + expression + " }}"))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a == b",
        "a != b",
        "a < b",
        "[a] == [b]",
        "a in [b]",
        "a is equalto b",
        "a is in [b]",
        "[b].index(a)",
        "[b].count(a)",
        "[a, b] | sort",
        "[a, b] | max",
        "{1: a, 2: b} | dictsort(by='value')",
        "[{'k': a}, {'k': b}] | groupby('k')",
        "[a] | select('equalto', b) | list",
        "[[0] + a, [0] + b] | sort",
        "{1: a} == {1: b}"
      })
  void whatIsReachedOftenIsComparedWithinBounds(String expression) {
    String nested =
        """
        {%- set one = namespace(x=[1]) %}{% set two = namespace(x=[1]) %}
        {%- for i in range(40) %}
          {%- set one.x = [one.x, one.x] %}{% set two.x = [two.x, two.x] %}
        {%- endfor %}{% set a = one.x %}{% set b = two.x %}\
        """;
    assertThatThrownBy(() -> render(nested + "{{ " + expression + " }}"))
        .isInstanceOf(TemplateException.class)
        .hasMessage("the template goes through more than 67108864 characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{a: 1}", "{}.get(a)", "{}[a]", "a in {}", "[a] | unique | list"})
  void aKeyIsBounded(String expression) {
    String nested =
        "{% set n = namespace(x=(1,)) %}{% for i in range(40) %}{% set n.x = (n.x, n.x) %}";
    assertThatThrownBy(
            () -> render(nested + "{% endfor %}{% set a = n.x %}{{ " + expression + " }}"))
        .isInstanceOf(TemplateException.class)
        .hasMessage("a key has more than 256 items");
  }

  @Test
  void namespacesThatHoldTheSameAreNotTheSame() {
    String nested =
        "{% for i in range(40) %}{% set a.x = [a.x, a.x] %}{% set b.x = [b.x, b.x] %}{% endfor %}";
    assertThat(
            render(
                "{% set a = namespace(x=[]) %}{% set b = namespace(x=[]) %}"
                    + nested
                    + "{{ a == b }} {{ a == a }}"))
        .isEqualTo("False True");
  }

  @Test
  void equalTextsInListsCountAsOftenAsTheyAreCompared() {
    assertThatThrownBy(() ->
            render(
                "{% set a = 'ab' * 100000 %}{% set b = 'a' ~ 'ba' * 99999 ~ 'b' %}"
                    + "{{ [a] * 99999 == [b] * 99999 }}"))
        .hasMessageContaining("more than 67108864 characters");
  }

  @Test
  void aFilterThatIsMappedReadsEachItem() {
    assertThatThrownBy(() -> render("{{ (['a' * 100000] * 99999) | map('upper') | length }}"))
        .hasMessageContaining("more than 67108864 characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[[]], 1]] | tojson(indent='a' * 6000000)",
        "[1, 2, 3, 4] | tojson(separators=('a' * 6000000, ':'))"
      })
  void jsonIsBoundedHoweverItIsIndented(String expression) {
    assertThatThrownBy(() -> render("{{ " + expression + " }}"))
        .hasMessageContaining("a value has more than 16777216 characters");
  }

  @Test
  void aTextOfManyOriginsIsCutQuickly() {
    String text = "{% set ns %}{% for i in range(99999) %}{{ x }}b{% endfor %}{% endset %}";
    assertThat(
            ChatTemplate.of(text + "{{ ns | list | length }} {{ ns.split('b') | length }}")
                .render(Map.of("x", "a"), Map.of())
                .text())
        .isEqualTo("199998 100000");
  }
}
