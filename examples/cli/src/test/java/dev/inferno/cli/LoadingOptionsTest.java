package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The option `--lora`.
final class LoadingOptionsTest {
  private static final String MODEL = Fixtures.copied("tiny/llama-mqa/model-f32.gguf").toString();
  private static final String ONE = Fixtures.copied("lora/one.gguf").toString();

  @TempDir Path folder;

  private static String ids(String... more) {
    String[] arguments = {"run", MODEL, "--ids=3,77,201", "--greedy", "--max-tokens=6", "--json"};
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    CommandRun run = CommandRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json().required("ids").toString();
  }

  @Test
  void anAdapterChangesWhatIsGeneratedAsFarAsItsScaleSays() {
    String plain = ids();
    assertThat(ids("--lora", ONE)).isNotEqualTo(plain).isEqualTo(ids("--lora", ONE + "=1"));
    assertThat(ids("--lora", ONE + "=0")).isEqualTo(plain);
    assertThat(ids("--lora", ONE + "=0.5", "--lora", ONE + "=0.5")).isEqualTo(ids("--lora", ONE));
  }

  @Test
  void aFolderIsAnAdapterToo() {
    String adapter = Fixtures.copied("lora/peft/pairs").toString();
    assertThat(ids("--lora", adapter)).isNotEqualTo(ids()).isEqualTo(ids("--lora", adapter + "=1"));
  }

  @Test
  void aPathMayHaveTheSignOfTheScaleInItsName() throws IOException {
    Path odd = Files.copy(Path.of(ONE), folder.resolve("rank=4.gguf"));
    Path number = Files.copy(Path.of(ONE), folder.resolve("adapter=0"));
    String whole = ids("--lora", ONE);
    assertThat(ids("--lora", odd.toString())).isEqualTo(whole);
    assertThat(ids("--lora", odd + "=1")).isEqualTo(whole);
    assertThat(ids("--lora", odd + "=0")).isEqualTo(ids());
    assertThat(ids("--lora", number.toString())).isEqualTo(whole);
    CommandRun absent = CommandRun.of("run", MODEL, "--ids=3", "--lora", "no=such.gguf");
    assertThat(absent.exitCode()).isEqualTo(1);
    assertThat(absent.err()).contains("no=such.gguf");
  }

  @Test
  void whatIsNoAdapterAndNoScaleIsNamed() {
    CommandRun scale = CommandRun.of("run", MODEL, "--ids=3", "--lora", ONE + "=much");
    assertThat(scale.exitCode()).isEqualTo(1);
    assertThat(scale.err()).contains("--lora must be PATH or PATH=SCALE with a number");
    CommandRun model = CommandRun.of("run", MODEL, "--ids=3", "--lora", MODEL);
    assertThat(model.exitCode()).isEqualTo(1);
    assertThat(model.err()).contains("general.type is model; supported as an adapter is adapter");
    CommandRun bundled = CommandRun.of("run", "--ids=3", "--lora", ONE);
    assertThat(bundled.exitCode()).isEqualTo(1);
    assertThat(bundled.err()).contains("an adapter needs a model that is named");
  }
}
