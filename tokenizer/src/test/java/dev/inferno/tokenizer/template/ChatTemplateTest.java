package dev.inferno.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.tokenizer.template.RenderedChat.Segment;
import dev.inferno.tokenizer.template.RenderedChat.Span;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
  private static final String CHAT_ML =
      """
      {%- for message in messages %}
      {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  private static Map<String, Object> message(String role, String content) {
    return Map.of("role", role, "content", content);
  }

  private static String render(String template) {
    return ChatTemplate.of(template).render(Map.of(), Map.of()).text();
  }

  @Test
  void aPromptRemembersWhatCameFromTheTemplateAndWhatFromTheUser() {
    RenderedChat prompt =
        ChatTemplate.of(CHAT_ML)
            .render(
                Map.of("messages", List.of(message("user", " <|im_end|>{{ x }}{% y %} "))),
                Map.of("add_generation_prompt", true));
    assertThat(prompt.segments())
        .containsExactly(
            new Segment("<|im_start|>user\n", false),
            new Segment("<|im_end|>{{ x }}{% y %}", true),
            new Segment("<|im_end|>\n<|im_start|>assistant\n", false));
  }

  @ParameterizedTest
  @CsvSource({"user, 1", "tool_call, 1", "user|><|end, 3", "'', 1"})
  void aRoleThatIsAWordMayBePartOfAControlToken(String role, int segments) {
    RenderedChat prompt =
        ChatTemplate.of("{{ '<|' + messages[0].role + '|>' }}")
            .render(Map.of("messages", List.of(message(role, ""))), Map.of());
    assertThat(prompt.segments()).hasSize(segments);
    assertThat(prompt.text()).isEqualTo("<|" + role + "|>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ x | upper }}",
        "{{ x | tojson }}",
        "{{ [x] }}",
        "{{ {'k': x} }}",
        "{{ '%s' % x }}",
        "{{ '{}'.format(x) }}",
        "{{ x * 2 }}",
        "{{ x | replace('i', 'o') | title }}",
        "{{ x.split('q') | join('n') }}",
        "{{ x[::-1] }}",
        "{% set y %}{{ x }}{% endset %}{{ y | indent }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x) }}"
      })
  void inputStaysInputWhateverIsDoneWithIt(String template) {
    RenderedChat prompt = ChatTemplate.of(template).render(Map.of("x", "<in>"), Map.of());
    String input =
        String.join(
            "", prompt.segments().stream().filter(Segment::isInput).map(Segment::text).toList());
    assertThat(input.toLowerCase(Locale.ROOT)).matches(".*(<[io]n>|>ni<|<in>).*");
  }

  @Test
  void whatIsInBothIsASetting() {
    RenderedChat prompt =
        ChatTemplate.of("{{ bos_token }}")
            .render(Map.of("bos_token", "typed"), Map.of("bos_token", "<s>"));
    assertThat(prompt.segments()).containsExactly(new Segment("<s>", false));
  }

  @Test
  void aConversationEndsWithinItsLastMessageToBeContinued() {
    RenderedChat prompt =
        ChatTemplate.of(CHAT_ML)
            .render(
                Map.of("messages", List.of(message("user", "Hi"), message("assistant", "Hel lo "))),
                Map.of());
    assertThat(prompt.continuing("Hel lo ").text()).endsWith("assistant\nHel lo");
    assertThatThrownBy(() -> prompt.continuing("Good bye"))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("cannot be continued");
  }

  @Test
  void generationBlocksAreMarked() {
    RenderedChat prompt =
        ChatTemplate.of("a{% generation %}bc{% endgeneration %}d").render(Map.of(), Map.of());
    assertThat(prompt.text()).isEqualTo("abcd");
    assertThat(prompt.generated()).containsExactly(new Span(1, 3));
  }

  @Test
  void theClockIsTheCallers() {
    Clock clock = Clock.fixed(Instant.parse("2025-07-04T03:04:05Z"), ZoneOffset.UTC);
    String text =
        ChatTemplate.of("{{ strftime_now('%d %b %Y, %A %-d.%-m., %H:%M:%S %j %p %%') }}")
            .render(Map.of(), Map.of(), clock)
            .text();
    assertThat(text).isEqualTo("04 Jul 2025, Friday 4.7., 03:04:05 185 AM %");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{{ 1 +  | unexpected",
        "a\\n{% if x %} | line 2",
        "{% frob %} | unknown tag 'frob'",
        "{{ 'abc }} | string without an end",
        "{% for x in %}{% endfor %} | an expression",
        "{{ a ? b }} | unexpected char '?'",
        "{{ (1] }} | expected ')'",
        "{% include 'x' %} | other files",
        "{# never | end of comment",
        "{% raw %} x | end of raw",
        "{% macro m(a=1, b) %}{% endmacro %} | non-default argument"
      })
  void whatBreaksTheLanguageIsRefusedWithItsLine(String template, String message) {
    assertThatThrownBy(() -> ChatTemplate.of(template.replace("\\n", "\n")))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("line");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %} | steps",
        "{{ range(10 ** 9) }} | Range too big",
        "{{ 'a' * 10 ** 12 }} | characters",
        "{{ 'a' * 10 ** 8 }} | characters",
        "{% set s = 'a' * 10 ** 6 %}{% for i in range(99999) %}{% if 'b' in s %}{% endif %}{% endfor %} | characters",
        "{% set s = 'a' * 10 ** 6 %}{% for i in range(99999) %}{{ s.upper()[0] }}{% endfor %} | characters",
        "`{% set s = 'a' * 10 ** 6 %}{% for i in range(99999) %}{{ s | title | length }}{% endfor %}` | characters",
        "{% for i in range(99999) %}{{ range(99999)[5] }}{% endfor %} | characters",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }} | characters",
        "`{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = {1: ns.x, 2: ns.x} %}{% endfor %}{{ ns.x | tojson }}` | characters",
        "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %} | characters",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }} | call each other",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }} | call each|"
            + " call each other",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %} | call each other",
        "{{ 9223372036854775807 + 1 }} | 64 bits"
      })
  void noTemplateRunsForever(String template, String message) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatIsTheSameIsEqualHoweverOftenItIsReached() {
    assertThat(
            render(
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}"
                    + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}"))
        .isEqualTo("True");
  }

  @Test
  void aTemplateAsLongAsALibraryIsRefused() {
    assertThatThrownBy(() -> ChatTemplate.of("{{ a }}".repeat(1_000_000)))
        .isInstanceOf(TemplateException.class)
        .hasMessage("a template has 7000000 characters; possible are up to 4194304");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[", "{'a':", "-", "not ", "1+("})
  void nestingIsBounded(String opening) {
    assertThatThrownBy(() -> ChatTemplate.of("{{ " + opening.repeat(100_000)))
        .isInstanceOf(TemplateException.class);
    assertThatThrownBy(() -> ChatTemplate.of("{% if x %}".repeat(100_000)))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("too deep");
  }

  @Test
  void aTemplateRefusesByItsOwnMessage() {
    assertThatThrownBy(() -> render("{{ raise_exception('Roles must alternate') }}"))
        .isInstanceOfSatisfying(
            TemplateException.class, refusal -> assertThat(refusal.isRefusal()).isTrue())
        .hasMessage("Roles must alternate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ [].append(1) }}",
        "{{ {}.update({}) }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ [].__len__() }}",
        "{{ {}.pop('a') }}",
        "{{ ''.__class__() }}"
      })
  void nothingIsChangedAndNothingReachedBehindTheValues(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOfSatisfying(
            TemplateException.class, e -> assertThat(e.kind()).isEqualTo("SecurityError"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '`',
      value = {
        "{{ 1e16 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} {{ 3.0 }} § 1e+16 0.30000000000000004 1e-05 3.0",
        "{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} § -4 2 -2 1024 0.5",
        "{{ 'a😀b'[1] }} {{ 'a😀b' | length }} {{ 'a😀b'[::-1] }} § 😀 3 b😀a",
        "{{ 1 == 1.0 == true }} {{ [1] == (1,) }} {{ none == false }} § True False False",
        "{{ \"it's\" | list }} § ['i', 't', \"'\", 's']",
        "{{ 'x' ~ 1 ~ none }} § x1None",
        "{{ '%-5s|%05.1f|%x' % ('ab', 3.14159, 255) }} § ab   |003.1|ff",
        "{% for k, v in {'b': 1, 'a': 2} | dictsort %}{{ k }}{{ v }}{% endfor %} § a2b1",
        "{{ [3, 1, 2] | sort | join(',') }} {{ ['b', 'A'] | sort }} § 1,2,3 ['A', 'b']",
        "{{ [1, 2] | truncate }} {{ y | truncate }}! § [1, 2] !",
        "{{ 'a' | groupby('r') }} § [(Undefined, ['a'])]",
        "{{ 'abc' | sort(attribute='r') }} § ['a', 'b', 'c']",
        "{{ 1.__class__ }}{{ ''.__class__ }}{{ {}['__class__'] }}! § !",
        "{{ loop is defined }}{% for x in [1] %}{{ loop is defined }}{% endfor %} § FalseTrue"
      })
  void valuesBehaveAsInPython(String template, String expected) {
    assertThat(render(template)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '`',
      value = {
        "none[1:] § TypeError § 'NoneType' object is not subscriptable",
        "x.number[1:] § TypeError § 'int' object is not subscriptable",
        "true[:1] § TypeError § 'bool' object is not subscriptable",
        "1.5[::2] § TypeError § 'float' object is not subscriptable",
        "x[1:] § TypeError § unhashable type: 'slice'",
        "x.keys()[1:] § TypeError § 'dict_keys' object is not subscriptable",
        "('a' | map('upper'))[1:] § TypeError § 'generator' object is not subscriptable",
        "namespace()[1:] § TypeError § 'Namespace' object is not subscriptable",
        "y[1:] § UndefinedError § 'y' is undefined",
        "5 | indent § TypeError § unsupported operand type(s) for +=: 'int' and 'str'",
        "none | indent § TypeError § unsupported operand type(s) for +=: 'NoneType' and 'str'",
        "[1] | indent § AttributeError § 'list' object has no attribute 'splitlines'",
        "y | indent § UndefinedError § 'y' is undefined",
        "5 | truncate § TypeError § object of type 'int' has no len()",
        "none | truncate § TypeError § object of type 'NoneType' has no len()",
        "[1, 2] | truncate(1, leeway=0) § TypeError § a list cannot be truncated, only a str",
        "'abc' | groupby('r') § UndefinedError § 'str object' has no attribute 'r'",
        "'a'.center(9, 'bb') § TypeError § The fill character must be exactly one character long",
        "'a'.ljust(9, '') § TypeError § The fill character must be exactly one character long",
        "'{:d}'.format(5) § OverflowError § the place '{:d}' of format() asks for more than a value",
        "'{0.a}'.format(x) § OverflowError § the place '{0.a}' of format() asks for more",
        "'{!r}'.format(x) § OverflowError § the place '{!r}' of format() asks for more"
      })
  void whatAValueCannotDoIsRefusedAsInPython(String expression, String kind, String message) {
    ChatTemplate template = ChatTemplate.of("{{ " + expression + " }}");
    assertThatThrownBy(() -> template.render(Map.of("x", Map.of("number", 1)), Map.of()))
        .isInstanceOfSatisfying(TemplateException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      value = {
        "{{ x }} {{ x | tojson }} {{ [x, -x] }} {{ x | int }} § 12345678901234567890123"
            + " 12345678901234567890123 [12345678901234567890123, -12345678901234567890123]"
            + " 12345678901234567890123",
        "{{ x == x + 0 if false else x == y }} {{ x == z }} {{ x > 1 }} {{ 1.5 < x }} § True False True True",
        "{{ x < z }} {{ [z, x, 5] | sort | first }} {{ [x, y] | unique | list | length }} § True 5 1",
        "{{ x is integer }} {{ x is number }} {{ x is float }} {{ {x: 1}[y] }} § True True False 1",
        "{{ '%d|%s|%.0e' % (x, x, x) }} § 12345678901234567890123|12345678901234567890123|1e+22",
        "{{ x < 1e400 }} {{ x == 1e400 }} {{ x | float }} § True False 1.2345678901234568e+22"
      })
  void integersOfAnySizeArePrintedAndCompared(String template, String expected) {
    Map<String, Object> input =
        Map.of(
            "x", new BigInteger("12345678901234567890123"),
            "y", new BigInteger("12345678901234567890123"),
            "z", new BigInteger("12345678901234567890124"));
    assertThat(ChatTemplate.of(template).render(input, Map.of()).text()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x + 1",
        "1 - x",
        "x * 'a'",
        "range(x)",
        "[1][x:]",
        "x | abs",
        "x | round",
        "'%x' % x"
      })
  void integersOfMoreThan64BitsAreNotComputedWith(String expression) {
    ChatTemplate template = ChatTemplate.of("{{ " + expression + " }}");
    Map<String, Object> input = Map.of("x", BigInteger.TWO.pow(64));
    assertThatThrownBy(() -> template.render(input, Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("18446744073709551616 has more than 64 bits");
  }

  @Test
  void valuesAreWhatJsonHas() {
    Map<String, Object> input = new HashMap<>();
    input.put("none", null);
    input.put("list", List.of(1, 2.5, true, "x"));
    assertThat(ChatTemplate.of("{{ none }} {{ list }}").render(input, Map.of()).text())
        .isEqualTo("None [1, 2.5, True, 'x']");
    Map<String, Object> wrong = Map.of("x", new Object());
    assertThatThrownBy(() -> ChatTemplate.of("").render(wrong, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("possible are");
  }
}
