package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.Verification;
import dev.inferno.sampler.Candidates;
import dev.inferno.sampler.History;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A generation that speculates is the one that it would be without, event by event.
@Timeout(120)
class SpeculationTest {
  private static final int FEW = 9;

  /// With a mask that leaves so few tokens that a text of any model repeats itself, more or less.
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults()
          .sampler(Sampler.chain(new OnlyFew(), SamplerStage.greedy()))
          .ignoreEndOfText()
          .maxTokens(60);

  private static final GenerationOptions SAMPLED =
      GREEDY.sampler(
          Sampler.chain(
              new OnlyFew(),
              SamplerStage.penalties(32, 1.1f, 0.1f, 0.1f),
              SamplerStage.topK(4),
              SamplerStage.temperature(0.5f)));

  private Model model;

  private record OnlyFew() implements SamplerStage {
    @Override
    public String name() {
      return "only-few";
    }

    @Override
    public void apply(Candidates candidates, History history) {
      candidates.keepIf((id, _) -> id < FEW);
    }
  }

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  /// A text that says the same several times, with changes.
  private static int[] prompt(int seed) {
    var random = new Random(seed);
    int[] phrase = random.ints(3 + seed % 9, 0, FEW).toArray();
    var text = new ArrayList<Integer>();
    for (int i = 0; i < 2 + seed % 5; i++) {
      Arrays.stream(phrase).forEach(text::add);
      text.add(random.nextInt(FEW));
    }
    return text.stream().mapToInt(Integer::intValue).toArray();
  }

  /// Everything that a generation told, but for times and drafts.
  private static final class Account extends Diary {
    @Override
    public ObservationPlan plan(ModelInfo info) {
      return ObservationPlan.TOKENS;
    }

    List<String> told() {
      return events.stream().filter(event -> !event.startsWith("verification")).toList();
    }

    List<String> selections() {
      return of(Selection.class).stream()
          .map(s ->
              "%d at %d: %d %s rank %d, %s %s %s %s %s"
                  .formatted(
                      s.step(),
                      s.position(),
                      s.id(),
                      s.text(),
                      s.rank(),
                      s.probability(),
                      s.logProbability(),
                      s.entropy(),
                      s.margin(),
                      s.forced()))
          .toList();
    }

    List<String> steps() {
      return of(StepEnd.class).stream()
          .map(e ->
              "%d from %d: %d rows, %d cached"
                  .formatted(e.step(), e.firstPosition(), e.rows(), e.cachedPositions()))
          .toList();
    }

    List<Verification> verifications() {
      return of(Verification.class);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  private record Outcome(Generation generation, Account account, float[] logits, int[] tokens) {}

  private static Outcome run(
      Model model, SessionOptions how, int[] prompt, GenerationOptions options) {
    var account = new Account();
    try (Session session = model.newSession(how)) {
      session.addListener(account);
      Generation generation = session.generate(prompt, options);
      return new Outcome(generation, account, session.logits().copy(), session.tokens());
    }
  }

  private static void requireSame(String what, Outcome actual, Outcome expected) {
    assertThat(actual.generation.ids()).as(what).isEqualTo(expected.generation.ids());
    assertThat(actual.generation.text()).as(what).isEqualTo(expected.generation.text());
    assertThat(actual.generation.end()).as(what).isEqualTo(expected.generation.end());
    assertThat(actual.generation.decodeSteps()).isEqualTo(expected.generation.decodeSteps());
    assertThat(actual.account.selections()).as(what).isEqualTo(expected.account.selections());
    assertThat(actual.account.steps()).as(what).isEqualTo(expected.account.steps());
    assertThat(actual.account.told()).as(what).isEqualTo(expected.account.told());
    assertThat(actual.logits).as(what).isEqualTo(expected.logits);
    assertThat(actual.tokens).as(what).isEqualTo(expected.tokens);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void twentyTextsAreTheSameGreedyAndSampledOnAnyNumberOfThreads(int threads) {
    SessionOptions how = SessionOptions.defaults().threads(threads);
    int accepted = 0;
    int rejected = 0;
    for (int i = 0; i < 20; i++) {
      for (GenerationOptions options : List.of(GREEDY, SAMPLED.seed(i))) {
        Outcome expected = run(model, how, prompt(i), options);
        Outcome actual = run(model, how, prompt(i), options.speculation(1 + i % 15));
        requireSame("text " + i, actual, expected);
        assertThat(expected.generation.drafted()).isZero();
        accepted += actual.generation.accepted();
        rejected += actual.generation.drafted() - actual.generation.accepted();
      }
    }
    assertThat(accepted).as("accepted").isGreaterThan(100);
    assertThat(rejected).as("rejected").isGreaterThan(20);
  }

  static Stream<String> architectures() {
    return TinyModels.BESIDE_LLAMA.stream();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void textsOfEveryArchitectureAreTheSame(String name) throws IOException {
    try (Model tiny = TinyModels.load(name)) {
      for (KeyValueType type : KeyValueType.values()) {
        SessionOptions how = SessionOptions.defaults().keyValueType(type).threads(2);
        for (GenerationOptions options : List.of(GREEDY, SAMPLED.seed(5))) {
          int[] prompt = new Random(3).ints(30, 0, FEW).toArray();
          Outcome expected = run(tiny, how, prompt, options.maxTokens(40));
          Outcome actual = run(tiny, how, prompt, options.maxTokens(40).speculation(9));
          requireSame(name + " " + type, actual, expected);
        }
      }
    }
  }

  @Test
  void eightTextsAreTheSameInOneBatch() throws Exception {
    List<Outcome> expected = new ArrayList<>();
    List<Session> sessions = new ArrayList<>();
    List<Account> accounts = new ArrayList<>();
    List<Future<Generation>> futures = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      expected.add(run(model, SessionOptions.defaults(), prompt(i), options(i)));
    }
    for (int i = 0; i < 8; i++) {
      sessions.add(model.newSession());
      accounts.add(new Account());
      sessions.get(i).addListener(accounts.get(i));
      futures.add(model.scheduler().submit(sessions.get(i), prompt(i), options(i).speculation(8)));
    }
    int drafted = 0;
    for (int i = 0; i < 8; i++) {
      Generation generation = futures.get(i).get();
      try (Session session = sessions.get(i)) {
        requireSame(
            "text " + i,
            new Outcome(generation, accounts.get(i), session.logits().copy(), session.tokens()),
            expected.get(i));
      }
      drafted += generation.drafted();
    }
    assertThat(drafted).isGreaterThan(40);
  }

  private static GenerationOptions options(int i) {
    return i % 2 == 0 ? GREEDY : SAMPLED.seed(i);
  }

  @Test
  void eachEndIsTheSame() {
    Outcome plain = run(model, SessionOptions.defaults(), prompt(4), GREEDY);
    String text = plain.generation.text();
    int length = prompt(4).length;
    List<GenerationOptions> ends = new ArrayList<>();
    for (int from = 8; from < 20; from++) {
      ends.add(GREEDY.stopAt(text.substring(from, from + 3)));
      ends.add(GREEDY.maxTokens(from));
      ends.add(GREEDY.contextShift(2));
      ends.add(
          GREEDY.forced(plain.generation.ids().stream().limit(from).mapToInt(i -> i).toArray()));
      ends.add(GREEDY.forced(IntStream.range(from, 2 * from).toArray()));
      ends.add(SAMPLED.draws(0.99, 0.1, 0.999, 0, 0.5).seed(from));
    }
    for (int i = 0; i < ends.size(); i++) {
      int context = length + 7 + i % 30; // so that some end full, or shift
      SessionOptions how = SessionOptions.defaults().contextLength(context);
      requireSame(
          "options %s in %d positions".formatted(ends.get(i), context),
          run(model, how, prompt(4), ends.get(i).speculation(15)),
          run(model, how, prompt(4), ends.get(i)));
    }
  }

  @Test
  void aVerificationTellsWhatWasDraftedAndAccepted() {
    Outcome outcome = run(model, SessionOptions.defaults(), prompt(2), GREEDY.speculation(6));
    List<Verification> all = outcome.account.verifications();
    assertThat(all).hasSizeGreaterThan(3);
    for (Verification one : all) {
      int from = one.firstPosition();
      List<Integer> came =
          Arrays.stream(outcome.tokens).skip(from).limit(one.accepted()).boxed().toList();
      assertThat(one.ids()).hasSizeBetween(1, 6).startsWith(came.toArray(Integer[]::new));
      boolean wasRefuted =
          one.accepted() < one.ids().size()
              && from + one.accepted() < outcome.tokens.length
              && outcome.tokens[from + one.accepted()] == one.ids().get(one.accepted());
      assertThat(wasRefuted).as("%s was right", one).isFalse();
      assertThat(outcome.account.events)
          .contains("step start " + one.step(), "step end " + (one.step() + one.accepted()));
    }
    assertThat(all.stream().mapToInt(v -> v.ids().size()).sum())
        .isEqualTo(outcome.generation.drafted());
    assertThat(all.stream().mapToInt(Verification::accepted).sum())
        .isEqualTo(outcome.generation.accepted());
  }

  @Test
  void whileAPointIsWatchedOrChangedTokensPassOneByOne() {
    for (boolean changed : new boolean[] {false, true}) {
      List<Captured> seen = new ArrayList<>();
      List<Generation> generations = new ArrayList<>();
      for (GenerationOptions options : List.of(GREEDY, GREEDY.speculation(8))) {
        try (Session session = model.newSession()) {
          var captured = new Captured("all");
          if (changed) {
            session.intervene(Hook.Z.layer(1).head(0).zero());
          } else {
            session.addListener(captured);
          }
          generations.add(session.generate(prompt(2), options));
          seen.add(captured);
        }
      }
      assertThat(generations.get(1).ids()).isEqualTo(generations.get(0).ids());
      assertThat(generations.get(1).drafted()).isZero();
      assertThat(seen.get(1).arrays().keySet()).isEqualTo(seen.get(0).arrays().keySet());
    }
    try (Session session = model.newSession()) {
      var plan = ObservationPlan.of(Hook.LOGITS.all());
      assertThat(session.explain(plan, 5, GREEDY.speculation(8)).notes())
          .singleElement()
          .asString()
          .contains("speculation rests");
      assertThat(session.explain(plan, 5, GREEDY).notes()).isEmpty();
    }
  }

  @Test
  void whoBeginsToWatchWithinADraftSeesEveryStepFromThereOn() {
    Outcome plain = run(model, SessionOptions.defaults(), prompt(2), GREEDY);
    for (int at = 3; at < 30; at++) {
      int begin = at;
      try (Session session = model.newSession()) {
        List<Integer> watched = new ArrayList<>();
        session.addListener(
            new StepListener() {
              @Override
              public void onStepEnd(StepEnd end) {
                if (end.step() == begin) {
                  session.observe(Hook.RESID_POST.layer(0), a -> watched.add(a.step()));
                }
              }
            });
        Generation generation = session.generate(prompt(2), GREEDY.speculation(8));
        assertThat(generation.ids()).isEqualTo(plain.generation.ids());
        assertThat(session.logits().copy()).isEqualTo(plain.logits);
        assertThat(watched)
            .startsWith(IntStream.range(begin + 1, 60).boxed().toArray(Integer[]::new));
      }
    }
  }

  @Test
  void aListenerThatStopsOrCancelsWithinADraftLeavesTheSessionAsEver() {
    for (int at = 3; at < 30; at++) {
      List<Outcome> outcomes = new ArrayList<>();
      for (GenerationOptions options : List.of(GREEDY, GREEDY.speculation(8))) {
        var account = new Account();
        int last = at;
        try (Session session = model.newSession()) {
          session.addListener(account);
          session.addListener(
              new StepListener() {
                @Override
                public void onStepEnd(StepEnd end) {
                  if (end.step() == last && last % 2 == 0) {
                    end.stop();
                  } else if (end.step() == last) {
                    session.cancel();
                  }
                }
              });
          Generation generation = session.generate(prompt(2), options);
          session.rewind(2);
          session.append(17);
          outcomes.add(new Outcome(generation, account, session.logits().copy(), session.tokens()));
        }
      }
      requireSame("ended in step " + at, outcomes.get(1), outcomes.get(0));
    }
  }

  @Test
  void aLengthThatNoShortSegmentHasIsRefused() {
    assertThatThrownBy(() -> GREEDY.speculation(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("speculation must be from 0 to 15, but is 16");
    assertThatThrownBy(() -> GREEDY.speculation(-1)).hasMessageContaining("but is -1");
  }

  @Test
  @Tag("models")
  void twentyTextsOfARealModelAreTheSame() throws Exception {
    try (Model smol = Model.load(Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf"))) {
      List<Outcome> expected = new ArrayList<>();
      int accepted = 0;
      for (int i = 0; i < 20; i++) {
        String text =
            "The quick brown fox number %d jumps over the lazy dog. The quick brown fox number %d"
                .formatted(i, i);
        int[] prompt = smol.tokenizer().encode(text).ids();
        SessionOptions how = SessionOptions.defaults().threads(1 + i % 4);
        GenerationOptions options = options(i).maxTokens(30);
        expected.add(run(smol, how, prompt, options));
        Outcome actual = run(smol, how, prompt, options.speculation(8));
        requireSame("text " + i, actual, expected.get(i));
        accepted += actual.generation.accepted();
      }
      assertThat(accepted).isGreaterThan(60);
    }
  }
}
