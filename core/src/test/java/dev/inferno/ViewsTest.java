package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Hook;
import dev.inferno.observe.TensorView;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A view is for reading, while its callback runs.
class ViewsTest {
  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void aViewIsOverWhenTheCallbackReturns() {
    List<TensorView> views = new ArrayList<>();
    try (Session session = model.newSession()) {
      for (Hook hook : Hooks.of(model)) {
        session.observe(hook.all(), a -> views.add(a.tensor()));
      }
      session.observe(Hook.LOGITS.top(2), a -> views.add(a.indices().orElseThrow()));
      session.observe(Hook.Z.layer(1).norm(), a -> views.add(a.tensor()));
      session.append(Prompts.tokens(4));
    }
    assertThat(views).hasSize(Hooks.events(model) + 2).doesNotHaveDuplicates();
    for (TensorView view : views) {
      assertOver(view, view::shape);
      assertOver(view, view::copy);
      assertOver(view, () -> view.copyRow(0, new float[0]));
      assertOver(view, view::norm);
      assertOver(view, () -> view.get(0, 0));
      assertOver(view, () -> view.get(0, 0, 0));
    }
  }

  private static void assertOver(TensorView view, Runnable use) {
    assertThatThrownBy(use::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(view.name())
        .hasMessageContaining("copy()");
  }

  @Test
  void aViewIsReadOnlyAndChecksItsIndices() {
    try (Session session = model.newSession();
        Session unwatched = model.newSession()) {
      session.observe(
          Hook.RESID_PRE.allLayers(),
          a -> {
            TensorView view = a.tensor();
            float[] copy = view.copy();
            Arrays.fill(copy, 1e9f);
            Arrays.fill(view.shape(), 7);
            Arrays.fill(a.positions(), 7);
            float[] row = new float[200];
            view.copyRow(1, row);
            assertThat(row[3]).isEqualTo(view.get(1, 3));
            Arrays.fill(row, 1e9f);
            assertThat(view.shape()).containsExactly(4, 128);
            assertThatThrownBy(() -> view.get(4, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.get(0, 128))
                .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.get(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.get(0, 0, 0))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("2 axes");
            assertThatThrownBy(() -> view.copyRow(4, row))
                .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.copyRow(0, new float[127]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("127");
          });
      session.append(Prompts.tokens(4));
      unwatched.append(Prompts.tokens(4));
      assertThat(session.logits().copy()).isEqualTo(unwatched.logits().copy());
    }
  }

  @Test
  void anotherThreadMayReadAViewAndIsRefusedAfterwards() {
    List<TensorView> views = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.observe(
          Hook.RESID_POST.layer(2),
          a -> {
            views.add(a.tensor());
            assertThat(elsewhere(a.tensor())).isEqualTo(a.tensor().copy());
          });
      session.append(Prompts.tokens(4));
    }
    assertThatThrownBy(() -> elsewhere(views.getFirst()))
        .hasRootCauseInstanceOf(IllegalStateException.class);
  }

  private static float[] elsewhere(TensorView view) {
    var copy = new FutureTask<>(view::copy);
    Thread.ofPlatform().start(copy);
    try {
      return copy.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
