package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.EventPublisher;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.ObserverEvent;
import dev.inferno.observe.Overflow;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;

/// Events for another thread, which may be slow: the generation does not wait for it.
public class EventsElsewhere {
  public static void main(String[] args) throws Exception {
    var plan = ObservationPlan.of(Hook.RESID_POST.allLayers().lastPosition().norm());
    var printer = new Printer();
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession();
        var publisher = new EventPublisher(plan, 64, Overflow.DROP_OLDEST)) {
      publisher.subscribe(printer);
      session.addListener(publisher);
      session.generate("Once upon a time", GenerationOptions.defaults().seed(1).maxTokens(16));
      printer.done.await();
      System.out.println("dropped: " + publisher.dropped());
    }
  }

  /// Gets its events one at a time, on a thread of its own.
  static final class Printer implements Flow.Subscriber<ObserverEvent> {
    final CountDownLatch done = new CountDownLatch(1);

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ObserverEvent event) {
      switch (event) {
        case ObserverEvent.PointReached e ->
            System.out.printf("%s %.1f%n", e.activation().name(), e.activation().tensor().get(0));
        case ObserverEvent.Selected e -> System.out.println("chosen:" + e.selection().text());
        default -> {}
      }
    }

    @Override
    public void onError(Throwable failure) {
      System.out.println(failure.getMessage());
      done.countDown();
    }

    @Override
    public void onComplete() {
      done.countDown();
    }
  }
}
