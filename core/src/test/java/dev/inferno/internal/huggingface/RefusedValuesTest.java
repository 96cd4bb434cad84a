package dev.inferno.internal.huggingface;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a family could ask for and would be computed wrongly is refused, by its name.
class RefusedValuesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "phi2 | qk_layernorm | true | qk_layernorm is true; supported is false",
        "gpt2-gelu | activation_function | \"relu\" | is 'relu'; supported are [gelu, gelu_fast, ",
        "phi2 | hidden_act | \"relu\" | hidden_act is 'relu'; supported are [gelu_fast, ",
        "falcon | alibi | true | alibi is true; supported is false",
        "falcon | parallel_attn | false | alibi is false; supported is true",
        "falcon | activation | \"relu\" | activation is 'relu'; supported are [gelu]",
        "falcon-grouped | num_ln_in_parallel_attn | 3 | num_ln_in_parallel_attn is 3; possible are 1",
        "command-r | hidden_act | \"gelu\" | hidden_act is 'gelu'; supported are [silu, swish]",
        "cohere2 | rotary_pct | 0.5 | rotary_pct is 0.5; supported is 1",
        "cohere2 | sliding_window | 0 | sliding_window is 0; possible are 1 to ",
        "nemotron | hidden_act | \"silu\" | hidden_act is 'silu'; supported are [relu2]",
        "gpt-oss | hidden_act | \"gelu\" | hidden_act is 'gelu'; supported are [silu, swish]",
        "gpt-oss | sliding_window | 0 | sliding_window is 0; possible are 1 to ",
        "gpt-oss | partial_rotary_factor | 0.5 | partial_rotary_factor is 0.5; supported is 1",
        "exaone | activation_function | \"gelu\" | activation_function is 'gelu'; supported are [silu",
        "internlm2 | bias | true | bias is true; supported is false",
        "internlm2 | num_attention_heads | 6 | has the dimensions [32, 64]; possible are rows for",
        "baichuan-7b | num_key_value_heads | 1 | num_key_value_heads is 1; supported is as many as",
        "minicpm | sparse_config | {\"kernel_size\": 32} | sparse_config is {kernel_size=32}; supported",
        "minicpm | num_experts | 8 | num_experts is 8; supported is none",
        "minicpm | scale_depth | -1 | scale_depth is -1; possible are positive numbers"
      })
  void aValueThatIsNotSupportedIsNamed(String name, String key, String value, String message)
      throws IOException {
    Path bad = FolderVariant.of(Fixtures.copied("tiny/" + name)).set(key, value).write(folder);
    assertThatThrownBy(() -> HuggingFaceModel.open(bad, false)).hasMessageContaining(message);
  }
}
