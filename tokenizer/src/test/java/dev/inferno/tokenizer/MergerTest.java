package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergerTest {

  @Test
  void theHeapMergesAsTheSearchDoes() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      MergeTable table = new MergeTable(16);
      for (int pair = 0; pair < 40; pair++) {
        // Few ranks, so that many are equal; few symbols, so that merges chain.
        table.put(random.nextInt(12), random.nextInt(12), random.nextInt(8), random.nextInt(12));
      }
      int[] symbols = random.ints(random.nextInt(120), 0, 12).toArray();
      Merger search = filled(table, symbols);
      search.mergeBySearch();
      Merger heap = filled(table, symbols);
      heap.mergeByHeap();
      assertThat(result(heap)).as("seed %d", seed).isEqualTo(result(search));
    }
  }

  @Test
  void theLowestRankGoesFirstAndOfEqualOnesTheLeftmost() {
    MergeTable table = new MergeTable(2);
    table.put(0, 0, 1, 1);
    table.put(0, 2, 0, 3);
    Merger merger = filled(table, new int[] {0, 0, 0, 0, 0, 2});
    merger.merge();
    assertThat(result(merger)).containsExactly("1 0-2", "1 2-4", "3 4-6");
  }

  private static Merger filled(MergeTable table, int[] symbols) {
    Merger merger = new Merger(table);
    for (int i = 0; i < symbols.length; i++) {
      merger.add(symbols[i], i, i + 1);
    }
    return merger;
  }

  private static List<String> result(Merger merger) {
    List<String> result = new ArrayList<>();
    for (int i = 0; i < merger.size(); i++) {
      result.add(merger.symbol(i) + " " + merger.start(i) + "-" + merger.end(i));
    }
    return result;
  }
}
