package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.CountingKernels;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.models.Architectures;
import dev.inferno.internal.models.GgufModelFile;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a forward pass of a whole model reads and multiplies, counted.
class MultiplicationCountTest {
  private final CountingKernels counting = new CountingKernels(KernelSets.vector().orElseThrow());

  /// What is counted: forward passes of a model.
  private interface Counted {
    void run(Supplier<SideBySide> texts, int vocabulary);
  }

  private GgufFile with(String name, Counted work) throws IOException {
    Path path = Fixtures.copied(name);
    GgufFile file = GgufFile.open(path);
    try (var bytes = ModelBytes.of(Files.readAllBytes(path), name)) {
      var model = new GgufModelFile(file, bytes);
      Architectures.Loaded loaded =
          Architectures.read(model, counting.kernels(), Arrangement.IN_FILE, _ -> {});
      work.run(
          () ->
              new SideBySide(
                  loaded.architecture(), loaded.info(), counting.kernels(), KeyValueType.F32, 4),
          loaded.info().vocabulary());
    }
    return file;
  }

  private static int[] tokens(int count, int vocabulary) {
    return new Random(1).ints(count, 0, vocabulary).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "arch/llama/model-f32.gguf, 100",
    "arch/llama/model-f32.gguf, 9",
    "quant/llama-256/model-Q4_1.gguf, 100",
    "quant/llama-256/model-Q4_1.gguf, 1",
    "quant/llama-256/model-Q4_K_M.gguf, 17",
    "models/inferno-tiny/inferno-tiny-q8_0.gguf, 300"
  })
  void eachWeightIsReadOncePerForwardPassHoweverManyRowsThereAre(String name, int rows)
      throws IOException {
    var decoded = new long[1];
    GgufFile file =
        with(
            name,
            (model, vocabulary) -> {
              SideBySide texts = model.get();
              texts.unwatched();
              long before = counting.decoded();
              texts.forward(tokens(rows, vocabulary));
              decoded[0] = counting.decoded() - before;
            });
    long matrices = 0;
    for (TensorInfo tensor : file.tensors()) {
      boolean isEmbedding = tensor.name().equals("token_embd.weight");
      boolean isTied = file.tensor("output.weight").isEmpty();
      if (tensor.dimensions().size() == 2 && (!isEmbedding || isTied)) {
        matrices += tensor.elements();
      }
    }
    long width = file.requiredInteger("llama.embedding_length");
    assertThat(decoded[0]).isEqualTo(matrices + rows * width); // and a row of the embedding each
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 40})
  void explainedExtraMultiplyAddsAreThoseThatAreDone(int rows) throws IOException {
    String name = "arch/llama/model-f32.gguf";
    try (Model model = Model.load(Fixtures.copied(name))) {
      with(
          name,
          (texts, vocabulary) -> {
            int[] prompt = tokens(rows, vocabulary);
            long unwatched = multiplyAdds(texts.get(), prompt, ObservationPlan.TOKENS);
            for (Hook hook : Hooks.of(model)) {
              for (Point point :
                  List.of(
                      hook.all(),
                      hook.all().everyPosition(),
                      hook.all().lastPosition(),
                      hook.all().onlyGenerated(),
                      hook.all().positions(0, 3, 8, 39),
                      hook.perLayer() ? hook.layer(0) : hook.all(),
                      hook.perHead() ? hook.layer(1).head(1) : hook.all(),
                      hook.all().top(3).onlyPrompt())) {
                ObservationPlan plan = ObservationPlan.of(point);
                Explanation.PointCost cost =
                    model.explain(plan, rows, 1, SessionOptions.defaults()).points().getFirst();
                assertThat(multiplyAdds(texts.get(), prompt, plan) - unwatched)
                    .as("%s", point)
                    .isEqualTo(cost.extraMultiplyAdds());
                assertThat(cost.verdict() == Explanation.Verdict.EXTRA_WORK)
                    .isEqualTo(cost.extraMultiplyAdds() > 0);
              }
            }
          });
    }
  }

  private long multiplyAdds(SideBySide texts, int[] prompt, ObservationPlan plan) {
    texts.watchedBy(
        new StepListener() {
          @Override
          public ObservationPlan plan(ModelInfo info) {
            return plan;
          }
        });
    long before = counting.multiplyAdds();
    texts.forward(prompt);
    return counting.multiplyAdds() - before;
  }

  @ParameterizedTest
  @CsvSource({"5, 1, 128", "5, 4, 128", "30, 3, 128", "530, 2, 600", "6, 40, 10", "3, 0, 128"})
  void explainedBytesAreThoseThatAreDelivered(int promptLength, int maxTokens, int context)
      throws IOException {
    SessionOptions options = SessionOptions.defaults().contextLength(context);
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession(options)) {
      List<Point> points =
          Hooks.of(model).stream()
              .flatMap(hook ->
                  Stream.of(
                      hook.all(),
                      hook.perLayer() ? hook.layer(1).norm() : hook.all().norm(),
                      hook.all().everyPosition().top(2),
                      hook.all().everyPosition().top(100),
                      hook.all().everyPosition().statistics(),
                      hook.all().onlyPrompt(),
                      hook.all().onlyGenerated(),
                      hook.perHead() ? hook.layer(0).head(1) : hook.all().lastPosition(),
                      hook.all().positions(0, 4, 6, 9)))
              .toList();
      long[] delivered = new long[points.size()];
      for (int i = 0; i < points.size(); i++) {
        int index = i;
        session.observe(points.get(i), activation -> delivered[index] += bytes(activation));
      }
      session.generate(
          tokens(promptLength, model.info().vocabulary()),
          GenerationOptions.defaults().ignoreEndOfText().maxTokens(maxTokens));

      Explanation explanation =
          model.explain(new ObservationPlan(points), promptLength, maxTokens, options);
      for (int i = 0; i < points.size(); i++) {
        assertThat(explanation.points().get(i).bytes())
            .as("%s", points.get(i))
            .isEqualTo(delivered[i]);
      }
      assertThat(explanation.bytes()).isEqualTo(Arrays.stream(delivered).sum());
      assertThat(explanation.toString()).contains("blocks.*.attn.hook_pattern", "in all");
    }
  }

  private static long bytes(Activation activation) {
    return 4L
        * (activation.tensor().copy().length
            + activation.indices().map(view -> view.copy().length).orElse(0));
  }

  @ParameterizedTest
  @CsvSource({"8, 0", "0, 4"})
  void whatIsImpossibleIsExplained(int layer, int head) throws IOException {
    try (Model model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      Explanation.PointCost cost =
          model
              .explain(
                  ObservationPlan.of(Hook.Z.layer(layer).head(head)),
                  3,
                  1,
                  SessionOptions.defaults())
              .points()
              .getFirst();
      assertThat(cost.verdict()).isEqualTo(Explanation.Verdict.IMPOSSIBLE);
      assertThat(cost.reason()).contains(layer == 8 ? "8 layers" : "4 heads");
      assertThat(cost.bytes()).isZero();
    }
  }
}
