package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.LeaveOneOut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What each token of a prompt does to a prediction, for people and for scripts.
record LeaveOneOutReport(LeaveOneOut result, TokenText text, Console console) {

  void print() {
    console
        .out()
        .printf(
            Locale.ROOT,
            "%s, token %d: logit %.4f, log-probability %.4f nats; by how much they are more without"
                + " each token:%n",
            text.quoted(result.target()),
            result.target(),
            result.logit(),
            result.logProbability());
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("token", "position", "logit", "log-probability"));
    for (LeaveOneOut.Without each : result.without()) {
      rows.add(
          List.of(
              text.quoted(each.token()),
              Integer.toString(each.position()),
              signed(each.logitChange()),
              signed(each.logProbabilityChange())));
    }
    Columns.print(console.out(), rows, 3);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.4f", value);
  }

  void printJson(int[] ids) throws IOException {
    ObjectNode root = Json.object();
    root.set("ids", Json.array(ids));
    root.putObject("token")
        .put("id", result.target())
        .put("text", text.of(result.target()))
        .put("logit", result.logit())
        .put("log_probability", result.logProbability());
    ArrayNode tokens = root.putArray("tokens");
    for (LeaveOneOut.Without each : result.without()) {
      tokens
          .addObject()
          .put("position", each.position())
          .put("id", each.token())
          .put("text", text.of(each.token()))
          .put("logit", each.logit())
          .put("logit_change", each.logitChange())
          .put("log_probability", each.logProbability())
          .put("log_probability_change", each.logProbabilityChange());
    }
    Json.print(root, console);
  }
}
