package dev.inferno.tokenizer.template;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/// Values that show others: those of `range()`, and `keys()`, `values()` and `items()` of a
/// dictionary.
final class Views {
  /// The largest range, as in Jinja's sandbox.
  static final int LARGEST_RANGE = 100_000;

  private Views() {}

  /// A view.
  sealed interface View {
    List<Object> items();

    default int size() {
      return items().size();
    }
  }

  /// The keys of a dictionary.
  @SuppressWarnings("unchecked") // all lists are of values
  record Keys(Dict dict) implements View {
    @Override
    public List<Object> items() {
      return (List<Object>) (List<?>) dict.keys();
    }
  }

  /// The values of a dictionary.
  record Values(Dict dict) implements View {
    @Override
    public List<Object> items() {
      List<Object> items = new ArrayList<>();
      dict.entries().forEach(entry -> items.add(entry.value()));
      return items;
    }
  }

  /// The pairs of a dictionary.
  record Items(Dict dict) implements View {
    @Override
    public List<Object> items() {
      List<Object> items = new ArrayList<>();
      for (Dict.Entry entry : dict.entries()) {
        List<Object> pair = new ArrayList<>();
        pair.add(entry.key());
        pair.add(entry.value());
        items.add(new Tuple(pair));
      }
      return items;
    }
  }

  /// Integers at equal distances.
  record Range(long from, long to, long step) implements View {
    Range {
      if (step == 0) {
        throw TemplateException.value("range() arg 3 must not be zero");
      }
    }

    @Override
    public int size() {
      long gap = step > 0 ? Math.subtractExact(to, from) : Math.subtractExact(from, to);
      long size = gap <= 0 ? 0 : (gap - 1) / Math.abs(step) + 1;
      if (size > LARGEST_RANGE) {
        throw TemplateException.limit(
            "Range too big. The sandbox blocks ranges larger than MAX_RANGE (%d).", LARGEST_RANGE);
      }
      return (int) size;
    }

    @Override
    public List<Object> items() {
      int size = size();
      return new AbstractList<>() {
        @Override
        public Object get(int index) {
          return from + index * step;
        }

        @Override
        public int size() {
          return size;
        }
      };
    }
  }
}
