package dev.inferno.cli;

/// What the help of commands says about types of files.
final class FileTypes {
  static final String DESCRIPTION =
      "F32, F16, BF16, Q8_0, Q6_K, Q5_K_M (or Q5_K), Q5_K_S, Q4_K_M (or Q4_K), Q4_K_S, Q3_K_L,"
          + " Q3_K_M (or Q3_K), Q3_K_S, Q2_K, IQ4_NL, IQ4_XS, MXFP4_MOE, Q5_1, Q5_0, Q4_1 or Q4_0.";

  private FileTypes() {}
}
