package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import java.util.Optional;

/// The projections of multi-head latent attention (<https://arxiv.org/abs/2405.04434>, section
/// 2.1): keys and values of all heads come from one latent vector per position, which is far
/// shorter than they are; so may the queries. Positions are not in the latent: RoPE turns a part of
/// each query, and one short key that all heads share.
///
/// What it makes are the queries, keys and values of every head, and these are cached. So they can
/// be watched and changed like those of any other model.
///
/// Behind it a head's query and key begin with the part that RoPE turns.
///
/// @param queryDown to the latent of the queries, `[query latent, width]`, and the norm behind it;
///   empty where queries are made of `x`
/// @param query `[heads * keySize, query latent or width]`, a head's turned part at its end
/// @param down `[latent + turned, width]`: the latent of keys and values, then the shared key
/// @param latentNorm of the latent
/// @param keys `[heads * (keySize - turned), latent]`
/// @param values `[heads * valueSize, latent]`
/// @param turned how many numbers of a query and key RoPE turns
public record LatentProjection(
    Optional<Down> queryDown,
    Linear query,
    Linear down,
    RmsNorm latentNorm,
    Linear keys,
    Linear values,
    Attention.Heads heads,
    int turned)
    implements Projection {

  /// A map to a latent vector, and the norm behind it.
  public record Down(Linear map, RmsNorm norm) {}

  @Override
  public void apply(Rows x, Rows queryKeyValue, State state) {
    LatentScratch scratch = state.latent();
    scratch.threads(x.threads());
    if (queryDown.isEmpty()) {
      query.apply(x, scratch.queries);
    } else {
      queryDown.get().map().apply(x, scratch.queryLatent);
      queryDown.get().norm().apply(scratch.queryLatent, scratch.queryLatent);
      query.apply(scratch.queryLatent, scratch.queries);
    }
    down.apply(x, scratch.down);
    takeLatent(scratch);
    latentNorm.apply(scratch.latent, scratch.latent);
    keys.apply(scratch.latent, scratch.keys);
    values.apply(scratch.latent, scratch.values);

    queryKeyValue.resize(x.rows(), x.longRows());
    if (x.rows() <= Rows.SHORT_SEGMENT) {
      assemble(scratch, queryKeyValue, 0, x.rows());
    } else {
      RowBlocks.share(
          x.rows(), x.threads(), (from, to) -> assemble(scratch, queryKeyValue, from, to));
    }
  }

  private static void takeLatent(LatentScratch scratch) {
    Rows down = scratch.down;
    Rows latent = scratch.latent.resize(down.rows(), down.longRows());
    for (int row = 0; row < down.rows(); row++) {
      System.arraycopy(
          down.data(), row * down.width(), latent.data(), row * latent.width(), latent.width());
    }
  }

  /// Puts queries, keys and values side by side, the turned part of every head first.
  private void assemble(LatentScratch scratch, Rows out, int from, int to) {
    int still = heads.keySize() - turned;
    for (int row = from; row < to; row++) {
      int query = row * scratch.queries.width();
      int shared = row * scratch.down.width() + scratch.latent.width();
      int key = row * scratch.keys.width();
      int toQuery = row * out.width();
      int toKey = toQuery + heads.queryWidth();
      for (int head = 0; head < heads.heads(); head++) {
        System.arraycopy(scratch.queries.data(), query + still, out.data(), toQuery, turned);
        System.arraycopy(scratch.queries.data(), query, out.data(), toQuery + turned, still);
        System.arraycopy(scratch.down.data(), shared, out.data(), toKey, turned);
        System.arraycopy(scratch.keys.data(), key, out.data(), toKey + turned, still);
        query += heads.keySize();
        key += still;
        toQuery += heads.keySize();
        toKey += heads.keySize();
      }
      int width = scratch.values.width();
      System.arraycopy(scratch.values.data(), row * width, out.data(), toKey, width);
    }
  }

  /// Buffers that it needs.
  public LatentScratch newScratch() {
    return new LatentScratch(
        queryDown.isEmpty() ? 1 : query.weight().columns(),
        heads.queryWidth(),
        down.weight().rows(),
        keys.weight().columns(),
        keys.weight().rows(),
        values.weight().rows());
  }
}
