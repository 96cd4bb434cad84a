package dev.inferno.snippets;

import dev.inferno.LeaveOneOut;
import dev.inferno.LogitParts;
import dev.inferno.LogitShares;
import dev.inferno.Model;
import dev.inferno.Session;
import java.io.IOException;
import java.nio.file.Path;

/// What a prediction is made of: parts of the model, and tokens of the prompt.
public class AttributeALogit {
  /// Shows both for one prompt; `args[0]` is a GGUF file.
  public static void main(String[] args) throws IOException {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      int[] prompt = model.tokenizer().encode("The capital of France is").ids();
      int paris = model.tokenizer().encode("The capital of France is Paris").ids()[prompt.length];

      LogitParts parts = LogitParts.after(session, prompt);
      LogitShares shares = parts.of(paris);
      for (int i = 0; i < shares.parts().size(); i++) {
        double share = shares.attribution().contributions().get(i);
        System.out.printf("%-24s %+.2f%n", shares.parts().get(i).name(), share);
      }
      System.out.printf("head 0 of layer 5        %+.2f%n", shares.heads(5)[0]);

      for (LeaveOneOut.Without each : LeaveOneOut.of(session, paris).without()) {
        String token = model.tokenizer().decode(each.token());
        System.out.printf("without '%s' %+.2f nats%n", token, each.logProbabilityChange());
      }
    }
  }
}
