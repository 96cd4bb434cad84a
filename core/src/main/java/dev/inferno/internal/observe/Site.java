package dev.inferno.internal.observe;

import java.util.Arrays;

/// What happens at one point of one layer. Arrays, since lists would make an iterator for each row
/// of attention.
final class Site {
  private static final Edit[] NO_EDITS = {};
  private static final Watch[] NO_WATCHES = {};

  final String name;
  Edit[] edits = NO_EDITS;
  Watch[] watches = NO_WATCHES;
  int fired; // in this forward pass

  Site(String name) {
    this.name = name;
  }

  void add(Edit edit) {
    edits = Arrays.copyOf(edits, edits.length + 1);
    edits[edits.length - 1] = edit;
  }

  void add(Watch watch) {
    watches = Arrays.copyOf(watches, watches.length + 1);
    watches[watches.length - 1] = watch;
  }
}
