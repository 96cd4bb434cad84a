/// From logits to a choice, stage by stage, useful without the rest of Inferno.
///
/// A {@link dev.inferno.sampler.Sampler} is the immutable recipe: a list of {@link
/// dev.inferno.sampler.SamplerStage}s in the order they act. {@link
/// dev.inferno.sampler.Sampler#start(long)} gives a {@link dev.inferno.sampler.SamplerState}, which
/// knows the tokens so far and draws the next ones. A {@link dev.inferno.sampler.SamplingListener}
/// sees what every stage did.
///
/// Given equal logits and an equal seed the choice is bit-equal on every machine: probabilities are
/// made of {@link java.lang.StrictMath} and plain double arithmetic only.
@NullMarked
package dev.inferno.sampler;

import org.jspecify.annotations.NullMarked;
