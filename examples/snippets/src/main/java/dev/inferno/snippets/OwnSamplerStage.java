package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Candidates;
import dev.inferno.sampler.History;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import dev.inferno.sampler.StageView;
import java.nio.file.Path;

/// A sampler stage of one's own, in a chain with those of the library: listed, published and timed
/// like them.
public class OwnSamplerStage {
  record EvenTokensOnly() implements SamplerStage {
    @Override
    public String name() {
      return "even-tokens-only";
    }

    @Override
    public void apply(Candidates candidates, History history) {
      candidates.keepIf((id, logit) -> id % 2 == 0);
    }
  }

  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onSamplerStage(StageView stage) {
              System.out.printf("%s keeps %d of %d%n", stage.name(), stage.kept(), stage.entered());
            }
          });
      Sampler sampler = Sampler.chain(new EvenTokensOnly(), SamplerStage.temperature(0.7f));
      session.generate(
          "Once upon a time", GenerationOptions.defaults().sampler(sampler).seed(1).maxTokens(4));
    }
  }
}
