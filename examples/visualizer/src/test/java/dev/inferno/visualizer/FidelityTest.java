package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.TextPiece;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.StageView;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// What goes over the wire is what a listener of one's own sees of the same run.
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FidelityTest {
  private static final String PROMPT = "Once upon a time, there was";
  private static final int TOKENS = 16;
  private static final int LAYERS = 8;
  private static final int HEADS = 4;

  private final Seen seen = new Seen();
  private Visualizer visualizer;
  private Client client;
  private String run = "";
  private List<JsonNode> steps = List.of();

  @BeforeAll
  void run() throws IOException, InterruptedException {
    try (Model model = TinyModel.load();
        Session session = model.newSession()) {
      session.addListener(seen);
      session.generate(
          PROMPT,
          GenerationOptions.defaults().maxTokens(TOKENS).seed(3).sampler(Sampler.defaults()));
    }
    visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
    client = Client.of(visualizer);
    client.awaitModel();
    List<Client.Event> events =
        client.run(
            "{\"prompt\":\"%s\",\"maxTokens\":%d,\"seed\":\"3\",\"top\":5}"
                .formatted(PROMPT, TOKENS));
    run = events.getFirst().data().get("run").textValue();
    steps =
        events.stream()
            .filter(event -> event.type().equals("step"))
            .map(Client.Event::data)
            .toList();
  }

  @AfterAll
  void stop() {
    client.close();
    visualizer.close();
  }

  /// Copies all it can get, step by step.
  private static final class Seen implements StepListener {
    final List<Map<String, float[]>> tensors = new ArrayList<>();
    final List<List<String>> stages = new ArrayList<>();
    final List<String> text = new ArrayList<>();
    final List<Selection> selections = new ArrayList<>();
    final List<Draw> draws = new ArrayList<>();
    final List<StepEnd> ends = new ArrayList<>();
    final List<String> distributions = new ArrayList<>();

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return new ObservationPlan(
          List.of(
              Hook.PATTERN.allLayers(),
              Hook.LOGITS.all(),
              Hook.EMBED.all(),
              Hook.RESID_POST.allLayers(),
              Hook.ATTN_OUT.allLayers(),
              Hook.MLP_OUT.allLayers()));
    }

    @Override
    public void onStepStart(dev.inferno.observe.StepStart start) {
      tensors.add(new HashMap<>());
      stages.add(new ArrayList<>());
      text.add("");
    }

    @Override
    public void onActivation(Activation activation) {
      tensors.getLast().put(activation.name(), activation.tensor().copy());
    }

    @Override
    public void onSamplerStage(StageView stage) {
      stages
          .getLast()
          .add(
              "%d %s %d %d %s %d %s %s"
                  .formatted(
                      stage.index(),
                      stage.name(),
                      stage.entered(),
                      stage.kept(),
                      stage.massRemoved(),
                      stage.after().id(0),
                      stage.after().logit(0),
                      stage.after().probability(0)));
    }

    @Override
    public void onDistribution(CandidatesView distribution) {
      distributions.add(
          "%d %d %s"
              .formatted(distribution.size(), distribution.id(0), distribution.probability(0)));
    }

    @Override
    public void onDraw(Draw draw) {
      draws.add(draw);
    }

    @Override
    public void onSelection(Selection selection) {
      selections.add(selection);
    }

    @Override
    public void onText(TextPiece piece) {
      text.set(piece.step(), text.get(piece.step()) + piece.text());
    }

    @Override
    public void onStepEnd(StepEnd end) {
      ends.add(end);
    }
  }

  @Test
  void everyStepIsThere() {
    assertThat(steps).hasSameSizeAs(seen.ends).hasSize(TOKENS);
    for (int i = 0; i < steps.size(); i++) {
      JsonNode step = steps.get(i);
      StepEnd end = seen.ends.get(i);
      assertThat(step.get("step").intValue()).isEqualTo(end.step());
      assertThat(step.get("firstPosition").intValue()).isEqualTo(end.firstPosition());
      assertThat(step.get("rows").intValue()).isEqualTo(end.rows());
      assertThat(step.get("cachedPositions").intValue()).isEqualTo(end.cachedPositions());
      assertThat(step.get("prefix").intValue()).isEqualTo(end.firstPosition() + end.rows());
      assertThat(step.get("text").textValue()).isEqualTo(seen.text.get(i));
    }
  }

  @Test
  void theChoiceIsTheSameInAllItsNumbers() {
    for (int i = 0; i < steps.size(); i++) {
      JsonNode sampling = steps.get(i).get("sampling");
      Selection selection = seen.selections.get(i);
      JsonNode chosen = sampling.get("selection");
      assertThat(chosen.at("/token/id").intValue()).isEqualTo(selection.id());
      assertThat(chosen.at("/token/piece").textValue()).isEqualTo(selection.piece());
      assertThat(chosen.get("position").intValue()).isEqualTo(selection.position());
      assertThat(chosen.get("rank").intValue()).isEqualTo(selection.rank());
      assertThat(chosen.get("probability").doubleValue()).isEqualTo(selection.probability());
      assertThat(chosen.get("logProbability").doubleValue()).isEqualTo(selection.logProbability());
      assertThat(sampling.get("entropy").doubleValue()).isEqualTo(selection.entropy());
      assertThat(sampling.get("margin").doubleValue()).isEqualTo(selection.margin());
      Draw draw = seen.draws.get(i);
      assertThat(sampling.at("/draw/seed").textValue()).isEqualTo(Long.toString(draw.seed()));
      assertThat(sampling.at("/draw/index").longValue()).isEqualTo(draw.index());
      assertThat(sampling.at("/draw/u").doubleValue()).isEqualTo(draw.u());
      assertThat(draw.u())
          .isGreaterThanOrEqualTo(sampling.at("/draw/from").doubleValue())
          .isLessThan(sampling.at("/draw/to").doubleValue());
    }
  }

  @Test
  void theStagesAreTheSameInAllTheirNumbers() {
    for (int i = 0; i < steps.size(); i++) {
      var stages = new ArrayList<String>();
      for (JsonNode stage : steps.get(i).at("/sampling/stages")) {
        stages.add(
            "%d %s %d %d %s %d %s %s"
                .formatted(
                    stage.get("index").intValue(),
                    stage.get("name").textValue(),
                    stage.get("entered").intValue(),
                    stage.get("kept").intValue(),
                    stage.get("massRemoved").doubleValue(),
                    stage.at("/best/0/id").intValue(),
                    stage.at("/best/0/logit").floatValue(),
                    stage.at("/best/0/probability").doubleValue()));
      }
      assertThat(stages).isEqualTo(seen.stages.get(i));
      JsonNode distribution = steps.get(i).at("/sampling/distribution");
      assertThat(
              "%d %d %s"
                  .formatted(
                      distribution.get("size").intValue(),
                      distribution.at("/best/0/id").intValue(),
                      distribution.at("/best/0/probability").doubleValue()))
          .isEqualTo(seen.distributions.get(i));
    }
  }

  @Test
  void aCandidateIsKeptOrSaysWhichStageRemovedIt() {
    for (JsonNode step : steps) {
      JsonNode sampling = step.get("sampling");
      double sum = 0;
      for (JsonNode candidate : sampling.get("candidates")) {
        assertThat(candidate.has("removedBy")).isNotEqualTo(candidate.has("finalLogit"));
        assertThat(candidate.get("finalProbability").doubleValue() == 0)
            .isEqualTo(candidate.has("removedBy"));
        sum += candidate.get("probability").doubleValue();
      }
      assertThat(sum).isLessThanOrEqualTo(1 + 1e-9);
    }
  }

  @Test
  void theNormsAreThoseOfTheLastRow() {
    for (int i = 0; i < steps.size(); i++) {
      for (Map.Entry<String, JsonNode> norms : steps.get(i).get("norms").properties()) {
        assertThat(norms.getValue()).hasSize(LAYERS);
        for (int layer = 0; layer < LAYERS; layer++) {
          String name = norms.getKey().replace("*", Integer.toString(layer));
          float[] rows = seen.tensors.get(i).getOrDefault(name, new float[0]);
          double sum = 0;
          for (int k = rows.length - 128; k < rows.length; k++) {
            sum += (double) rows[k] * rows[k];
          }
          assertThat(norms.getValue().get(layer).floatValue()).isEqualTo((float) Math.sqrt(sum));
        }
      }
      assertThat(steps.get(i).get("norms")).hasSize(3);
    }
  }

  private HttpResponse<byte[]> tensor(int step, String name)
      throws IOException, InterruptedException {
    return client.bytes("/api/runs/%s/steps/%d/tensors/%s".formatted(run, step, name));
  }

  private static float[] floats(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    var floats = new float[response.body().length / 4];
    ByteBuffer.wrap(response.body()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }

  @Test
  void theTensorsAreTheSameToTheLastBit() throws IOException, InterruptedException {
    for (int step : new int[] {0, 1, TOKENS - 1}) {
      Map<String, float[]> mine = seen.tensors.get(step);
      assertThat(floats(tensor(step, "logits"))).isEqualTo(mine.get("logits"));
      float[] embed = mine.getOrDefault("hook_embed", new float[0]);
      assertThat(floats(tensor(step, "hook_embed")))
          .isEqualTo(java.util.Arrays.copyOfRange(embed, embed.length - 128, embed.length));
      for (int layer = 0; layer < LAYERS; layer++) {
        float[] pattern = mine.getOrDefault("blocks." + layer + ".attn.hook_pattern", new float[0]);
        assertThat(floats(tensor(step, "blocks.*.attn.hook_pattern?layer=" + layer)))
            .isEqualTo(pattern);
        int size = pattern.length / HEADS;
        for (int head = 0; head < HEADS; head++) {
          assertThat(
                  floats(
                      tensor(
                          step,
                          "blocks.*.attn.hook_pattern?layer=%d&head=%d".formatted(layer, head))))
              .isEqualTo(java.util.Arrays.copyOfRange(pattern, head * size, (head + 1) * size));
        }
        float[] mean = floats(tensor(step, "blocks.*.attn.hook_pattern?mean=head&layer=" + layer));
        for (int k = 0; k < size; k++) {
          double sum = 0;
          for (int head = 0; head < HEADS; head++) {
            sum += pattern[head * size + k];
          }
          assertThat(mean[k]).isEqualTo((float) (sum / HEADS));
        }
      }
    }
  }

  @Test
  void aTensorSaysHowToReadIt() throws IOException, InterruptedException {
    int prompt = steps.getFirst().get("rows").intValue();
    HttpResponse<byte[]> whole = tensor(0, "blocks.*.attn.hook_pattern");
    assertThat(header(whole, "Inferno-Axes")).isEqualTo("layer,head,query,key");
    assertThat(header(whole, "Inferno-Shape")).isEqualTo("8,4,%d,%d".formatted(prompt, prompt));
    assertThat(header(whole, "Inferno-First-Position")).isEqualTo("0");
    HttpResponse<byte[]> part = tensor(2, "blocks.*.attn.hook_pattern?mean=head");
    assertThat(header(part, "Inferno-Axes")).isEqualTo("layer,query,key");
    assertThat(header(part, "Inferno-Shape")).isEqualTo("8,1," + (prompt + 2));
    assertThat(header(part, "Inferno-First-Position")).isEqualTo(Integer.toString(prompt + 1));
  }

  @Test
  void eachStepListsItsTensors() throws IOException, InterruptedException {
    for (JsonNode info : steps.get(1).get("tensors")) {
      HttpResponse<byte[]> tensor = tensor(1, info.get("name").textValue());
      var shape = new ArrayList<String>();
      info.get("shape").forEach(size -> shape.add(size.asText()));
      assertThat(header(tensor, "Inferno-Shape")).isEqualTo(String.join(",", shape));
    }
  }
}
