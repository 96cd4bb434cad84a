package dev.inferno.cli;

import dev.inferno.convert.Conversion;
import dev.inferno.convert.ConvertedTensor;
import dev.inferno.convert.FileType;
import dev.inferno.convert.Quantizer;
import dev.inferno.format.GgmlType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Brings a model into smaller types.
@Command(
    name = "quantize",
    description = {
      "Writes a GGUF file with the tensors of another one, or of a folder, in other types, chosen tensor by tensor as"
          + " llama-quantize does without an importance matrix. The metadata stays the same but for"
          + " general.file_type and general.quantization_version.",
      "Vectors and norms keep their type. The output matrix, which may be the embedding too, is Q6_K"
          + " where most are smaller. Q4_K_M and Q5_K_M have a part of the values and the down"
          + " projections in Q6_K, smaller types some of them and of the attention outputs in more"
          + " bits; MXFP4_MOE has the experts in MXFP4, all else in Q8_0. Where rows are no whole"
          + " blocks of 256, Q4_0 stands in for Q2_K and Q3_K, IQ4_NL for IQ4_XS, Q5_0 for Q4_K, Q5_1"
          + " for Q5_K and Q8_0 for Q6_K; each such tensor is named."
    })
final class Quantize implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description =
          "A GGUF file, or any of its parts, best in F32, F16 or BF16; or a Hugging Face folder, as"
              + " convert takes it.")
  private Path in = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "The file to write. One that is there is replaced when all is done.")
  private Path out = Path.of("");

  @Option(
      names = "--type",
      required = true,
      paramLabel = "TYPE",
      description = FileTypes.DESCRIPTION)
  private String type = "";

  @Mixin private ThreadsOption threads;

  Quantize(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    FileType fileType = Failures.inRange(spec.commandLine(), () -> FileType.named(type));
    threads.sizeTeam();
    Conversion conversion;
    try (var progress = new WriteProgress(out.toString(), console)) {
      conversion = Quantizer.quantize(in, out, fileType, progress);
    }
    warn(conversion);
    ConversionReport.warnOfOwnKeys(out, console);
    console
        .out()
        .printf(
            "%s: %s%n%s: %s, %s%n",
            in,
            ConversionReport.size(conversion.bytesBefore(), conversion),
            out,
            ConversionReport.size(conversion.bytesAfter(), conversion),
            ConversionReport.types(conversion));
    return 0;
  }

  private void warn(Conversion conversion) {
    ConversionReport.warnOfFallbacks(conversion, console);
    long again = conversion.tensors().stream().filter(Quantize::isQuantizedAgain).count();
    if (again > 0) {
      console
          .err()
          .printf(
              "warning: %d tensors of %s were quantized before; now they have both errors%n",
              again, in);
    }
  }

  private static boolean isQuantizedAgain(ConvertedTensor tensor) {
    GgmlType before = tensor.source().type();
    return !tensor.isKept() && before.blockSize() > 1 && tensor.type().blockSize() > 1;
  }
}
