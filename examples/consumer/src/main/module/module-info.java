/// A program that uses the library.
module com.example.consumer {
  requires dev.inferno.core;
}
