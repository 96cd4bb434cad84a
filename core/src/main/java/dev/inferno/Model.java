package dev.inferno;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufParts;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.internal.huggingface.PeftAdapter;
import dev.inferno.internal.jfr.LoadEvent;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Team;
import dev.inferno.internal.models.Adapter;
import dev.inferno.internal.models.Architecture;
import dev.inferno.internal.models.Architectures;
import dev.inferno.internal.models.GgufAdapter;
import dev.inferno.internal.models.GgufModelFile;
import dev.inferno.internal.models.GgufPartsModelFile;
import dev.inferno.internal.models.ModelFile;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.nn.State;
import dev.inferno.internal.observe.Anatomy;
import dev.inferno.internal.observe.Explainer;
import dev.inferno.internal.quant.BlockFormats;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A language model, loaded and ready. Sessions generate with it, any number of them at once.
///
/// Immutable and thread-safe. Closing it frees its memory: no new work starts, running work is
/// cancelled and awaited. Closed from within one of its own callbacks it is freed when the last
/// piece of work ends. Using it after that is an {@link IllegalStateException}.
public final class Model implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.inferno");

  private final ModelStorage storage;
  private final Architecture architecture;
  private final ModelInfo info;
  private final ModelCost cost;
  private final ModelText text;
  private final GenerationDefaults generationDefaults;
  private final Kernels kernels;
  private final Fingerprint fingerprint;
  private final byte[] loadedAs; // how, where keys and values depend on it
  private final Scheduler scheduler = new Scheduler(this);

  // All below is guarded by this object's monitor.
  private final List<Session> working = new ArrayList<>();
  private final List<State> states = new ArrayList<>();
  private volatile boolean closing;
  private boolean freed;
  private int borrowed; // uses of the weights by something else than a session

  private Model(
      ModelStorage storage,
      Architectures.Loaded loaded,
      ModelText text,
      GenerationDefaults generationDefaults,
      Kernels kernels,
      Fingerprint fingerprint,
      byte[] loadedAs) {
    this.storage = storage;
    this.architecture = loaded.architecture();
    this.info = loaded.info();
    this.cost = loaded.cost();
    this.text = text;
    this.generationDefaults = generationDefaults;
    this.kernels = kernels;
    this.fingerprint = fingerprint;
    this.loadedAs = loadedAs;
  }

  /// Loads a GGUF file, or a folder as Hugging Face's tools write it: `config.json` and
  /// safetensors, in one file or several. Tensors are mapped, unless they are to have another
  /// layout than the file's: see {@link LoadOptions}.
  ///
  /// Of a GGUF file that was split (`NAME-00001-of-00003.gguf`) any part stands for all, which must
  /// lie beside it.
  ///
  /// A folder's tokenizer is that of its `tokenizer.json`, or else of its `tokenizer.model`.
  /// Without one that is handled the model works with token ids: generated tokens have no text, and
  /// end one only if its `generation_config.json` says so.
  ///
  /// @param path the file, the folder, or a safetensors file beside its `config.json`
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks its format
  /// @throws UnsupportedModelException if it holds what is not handled yet
  public static Model load(Path path) throws IOException {
    return load(path, LoadOptions.defaults());
  }

  /// The same, told how far loading is.
  public static Model load(Path path, LoadOptions.Progress progress) throws IOException {
    return load(path, LoadOptions.defaults().progress(progress));
  }

  /// The same with options.
  public static Model load(Path path, LoadOptions options) throws IOException {
    LoadEvent event = LoadEvent.start();
    if (HuggingFaceModel.isAt(path)) {
      return loadFolder(event, path, options);
    }
    GgufParts parts = GgufParts.open(path);
    try {
      if (parts.files().size() > 1) {
        ModelStorage.Parts bytes = ModelStorage.Parts.open(parts.paths(), options.copy());
        var source = new GgufPartsModelFile(parts, bytes.parts());
        return load(event, source, bytes, () -> ModelText.of(parts.first()), options);
      }
      ModelBytes bytes = ModelBytes.open(path, options.copy());
      var source = new GgufModelFile(parts.first(), bytes);
      return load(event, source, bytes, () -> ModelText.of(parts.first()), options);
    } catch (ModelBytes.Unreadable e) {
      throw e.getCause();
    }
  }

  private static Model loadFolder(LoadEvent event, Path path, LoadOptions options)
      throws IOException {
    HuggingFaceModel folder = HuggingFaceModel.open(path, options.copy());
    ModelText text;
    try {
      text = ModelText.of(folder.folder());
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
    var storage = new ModelStorage.Folder(folder);
    return load(event, folder, storage, () -> text, options);
  }

  /// Loads a GGUF file from an open channel, which may be closed afterwards.
  ///
  /// @param name what messages call it
  public static Model load(FileChannel channel, String name) throws IOException {
    LoadEvent event = LoadEvent.start();
    GgufFile gguf = GgufFile.of(channel, name);
    GgufParts.requireWhole(gguf);
    try {
      return load(event, gguf, ModelBytes.of(channel, name));
    } catch (ModelBytes.Unreadable e) {
      throw e.getCause();
    }
  }

  /// Loads a GGUF file from memory; the bytes are copied.
  ///
  /// @param name what messages call it
  public static Model load(byte[] file, String name) {
    LoadEvent event = LoadEvent.start();
    GgufFile gguf = GgufFile.of(file, name);
    GgufParts.requireWhole(gguf);
    return load(event, gguf, ModelBytes.of(file, name));
  }

  private static Model load(LoadEvent event, GgufFile file, ModelBytes bytes) {
    var source = new GgufModelFile(file, bytes);
    return load(event, source, bytes, () -> ModelText.of(file), LoadOptions.defaults(), List.of());
  }

  private static Model load(
      LoadEvent event,
      ModelFile file,
      ModelStorage storage,
      Supplier<ModelText> tokenizer,
      LoadOptions options)
      throws IOException {
    List<Adapter> adapters = adapters(options, file, storage);
    return load(event, file, storage, tokenizer, options, adapters);
  }

  /// Reads the adapters of a model; its storage is closed if that fails.
  private static List<Adapter> adapters(LoadOptions options, ModelFile file, ModelStorage storage)
      throws IOException {
    boolean done = false;
    try {
      List<Adapter> adapters = new ArrayList<>();
      for (LoadOptions.Lora lora : options.adapters()) {
        adapters.add(
            Files.isDirectory(lora.path())
                ? PeftAdapter.read(lora.path(), lora.scale(), file)
                : GgufAdapter.read(lora.path(), lora.scale(), file));
      }
      done = true;
      return List.copyOf(adapters);
    } finally {
      if (!done) {
        storage.close();
      }
    }
  }

  private static Arrangement arrangement(LoadOptions options) {
    if (!options.rearrange()) {
      return Arrangement.IN_FILE;
    }
    return options.round() ? Arrangement.ROUNDED : Arrangement.REARRANGED;
  }

  /// Reads the model; the storage is closed if that fails.
  ///
  /// @param tokenizer reads the tokenizer, once the tensors are read
  private static Model load(
      LoadEvent event,
      ModelFile file,
      ModelStorage storage,
      Supplier<ModelText> tokenizer,
      LoadOptions options,
      List<Adapter> adapters) {
    boolean done = false;
    try {
      Team.requireValidProperty();
      Kernels kernels = KernelSets.best();
      long total = file.sizeBytes();
      var progress = new long[1];
      Architectures.Loaded loaded =
          Architectures.read(
              file,
              kernels,
              arrangement(options),
              adapters,
              bytes -> {
                progress[0] += bytes;
                options.progress().at(progress[0], total);
              });
      ModelText text = tokenizer.get();
      int tokens = text.tokenizer().map(Tokenizer::vocabularySize).orElse(0);
      if (tokens > loaded.info().vocabulary() && !(file instanceof HuggingFaceModel)) {
        throw new MalformedModelException(
            "%s: malformed: tokenizer.ggml.tokens has %d tokens, but the model has logits for %d"
                .formatted(file.name(), tokens, loaded.info().vocabulary()));
      }
      GenerationDefaults defaults = generationDefaults(file, loaded.info().vocabulary());
      options.progress().at(total, total);
      LOG.log(
          Level.DEBUG,
          "{0}: {1}, {2}, {3} threads, kernels: {4}",
          file.name(),
          loaded.info().architecture(),
          loaded.info().quantization(),
          Team.shared().size(),
          kernels.name());
      ModelInfo info = loaded.info();
      event.finish(
          info.name(),
          info.architecture(),
          info.quantization(),
          info.sizeBytes(),
          info.parameters());
      Fingerprint fingerprint = storage.fingerprint(file);
      storage.loaded();
      done = true;
      byte[] loadedAs = Fingerprint.of(adapters, arrangement(options));
      return new Model(storage, loaded, text, defaults, kernels, fingerprint, loadedAs);
    } finally {
      if (!done) {
        storage.close();
      }
    }
  }

  private static GenerationDefaults generationDefaults(ModelFile file, int vocabulary) {
    return file instanceof HuggingFaceModel folder
        ? new AuthorsValues(folder.name() + "/generation_config.json", folder.generationConfig())
            .ofFolder(vocabulary)
        : new AuthorsValues(file.name(), file.metadata()).ofGguf();
  }

  /// The tokenizer of a GGUF file, which may hold nothing but a vocabulary.
  ///
  /// @throws MalformedModelException if the vocabulary breaks its format
  /// @throws UnsupportedModelException if it is of a kind that is not handled yet
  public static Tokenizer tokenizer(GgufFile file) {
    return ModelText.tokenizer(file);
  }

  /// Whether a model may have tensors of this type.
  public static boolean supports(GgmlType type) {
    return BlockFormats.of(type).isPresent();
  }

  /// What it is.
  public ModelInfo info() {
    return info;
  }

  /// What a token of it costs.
  public ModelCost cost() {
    return cost;
  }

  /// How its authors would generate with it. A generation is only given them if it asks: {@link
  /// GenerationDefaults#options}; but the tokens that they say end a text end it always.
  public GenerationDefaults generationDefaults() {
    return generationDefaults;
  }

  /// Whether it came with a tokenizer that is handled: without, it works with token ids alone.
  public boolean hasTokenizer() {
    return text.tokenizer().isPresent();
  }

  /// Text to tokens and back.
  ///
  /// @throws UnsupportedModelException if the model came without a tokenizer that is read
  public Tokenizer tokenizer() {
    return text.require(info.name());
  }

  /// Refuses work with text where there is no tokenizer.
  void requireText() {
    text.require(info.name());
  }

  /// The tokenizer, if there is one.
  Optional<Tokenizer> vocabulary() {
    return text.tokenizer();
  }

  /// A session with the default options.
  public Session newSession() {
    return newSession(SessionOptions.defaults());
  }

  /// A session: an empty text to be continued.
  ///
  /// @throws IllegalArgumentException if it asks for more threads than the team has, or for more
  ///   positions than the model has embeddings for
  public Session newSession(SessionOptions options) {
    return new Session(this, options, threads(options));
  }

  /// A chat with the default options: the model's context, a half-precision cache, all threads.
  ///
  /// @throws UnsupportedModelException if the model came without a tokenizer that is read
  public Chat newChat() {
    return newChat(SessionOptions.defaults());
  }

  /// A chat: a conversation that is empty so far.
  ///
  /// @throws UnsupportedModelException if the model came without a tokenizer that is read
  /// @throws IllegalArgumentException as in {@link #newSession(SessionOptions)}
  public Chat newChat(SessionOptions options) {
    requireText();
    return new Chat(newSession(options));
  }

  /// A session that begins with a prefix, with the default options and the prefix's number format.
  ///
  /// @throws IllegalArgumentException if the prefix is another model's, or longer than the context
  public Session newSession(Prefix prefix) {
    return newSession(SessionOptions.defaults().keyValueType(prefix.keyValueType()), prefix);
  }

  /// A session that begins with a prefix: it goes on as the session would that the prefix was made
  /// of.
  ///
  /// @throws IllegalArgumentException if the prefix is another model's, has another number format
  ///   than the options ask for, or is longer than the context; or as in {@link
  ///   #newSession(SessionOptions)}
  public Session newSession(SessionOptions options, Prefix prefix) {
    if (prefix.model() != this) {
      throw new IllegalArgumentException(
          "the prefix belongs to %s, but the session to %s"
              .formatted(prefix.model().info().name(), info.name()));
    }
    if (prefix.keyValueType() != options.keyValueType()) {
      throw new IllegalArgumentException(
          "the prefix has keys and values in %s, but the session is to have %s"
              .formatted(prefix.keyValueType(), options.keyValueType()));
    }
    int context = options.contextLength().orElse(info.contextLength());
    if (prefix.length() > context) {
      throw new IllegalArgumentException(
          "the prefix has %d tokens, but the context has room for %d"
              .formatted(prefix.length(), context));
    }
    return new Session(this, options, threads(options), prefix);
  }

  /// Reads a prefix that {@link Prefix#save} wrote, with this model, in whatever process.
  ///
  /// Sessions go on with the numbers of the file. On another kind of processor, or with other
  /// kernels, these may differ in the last bits from what would be computed there.
  ///
  /// @throws IOException if it cannot be read, is no prefix, is damaged, or was saved with another
  ///   model or in a way that is not known; the message says which
  /// @throws IllegalStateException if the model is closed
  public Prefix loadPrefix(Path path) throws IOException {
    return PrefixFile.read(path, this);
  }

  /// Tells this model from others, see {@link Fingerprint}.
  ///
  /// @throws IOException if its file has to be read once more and cannot be
  byte[] fingerprint() throws IOException {
    borrow();
    try {
      requireWhole();
      return Fingerprint.loaded(fingerprint.value(), loadedAs);
    } catch (ModelBytes.Unreadable e) {
      throw e.getCause();
    } finally {
      giveBack();
    }
  }

  /// An empty cache for a session.
  KvCache newCache(KeyValueType type) {
    return KvCache.empty(kernels, type, info.layers(), architecture.heads());
  }

  /// How many threads a session may use, once all options are checked.
  private int threads(SessionOptions options) {
    requireOpen();
    int context = options.contextLength().orElse(info.contextLength());
    if (context > architecture.positions()) {
      throw new IllegalArgumentException(
          "contextLength must be at most %d, the number of positions the model has embeddings for, but is %d"
              .formatted(architecture.positions(), context));
    }
    int team = Team.shared().size();
    int threads = options.threads().orElse(team);
    if (threads > team) {
      throw new IllegalArgumentException(
          "threads must be at most %d, the size of the team (see the system property inferno.threads), but is %d"
              .formatted(team, threads));
    }
    return threads;
  }

  /// What a plan costs in a generation, before it is run.
  ///
  /// @param promptLength how many tokens the prompt has
  /// @param maxTokens how many tokens are generated
  /// @param options how the session would be made
  /// @throws IllegalArgumentException if a number is negative
  public Explanation explain(
      ObservationPlan plan, int promptLength, int maxTokens, SessionOptions options) {
    if (promptLength < 0 || maxTokens < 0) {
      throw new IllegalArgumentException(
          "promptLength and maxTokens must be at least 0, but are %d and %d"
              .formatted(promptLength, maxTokens));
    }
    int context = options.contextLength().orElse(info.contextLength());
    int prompt = Math.min(promptLength, context);
    return Explainer.explain(
        plan, anatomy(), context, 0, prompt, Math.min(maxTokens, context - prompt), 0);
  }

  /// Runs several sessions' generations side by side; always the same one.
  public Scheduler scheduler() {
    return scheduler;
  }

  /// What the model would say if the residual stream ended earlier.
  public LogitLens lens() {
    return new LogitLens(this);
  }

  Anatomy anatomy() {
    return anatomy(info, architecture);
  }

  static Anatomy anatomy(ModelInfo info, Architecture architecture) {
    return new Anatomy(
        info,
        architecture.heads(),
        architecture::hooks,
        architecture.denseFeedForward().orElse(info.feedForward()),
        architecture.experts(),
        architecture.expertsUsed(),
        architecture::window);
  }

  Kernels kernels() {
    return kernels;
  }

  Architecture architecture() {
    return architecture;
  }

  boolean closing() {
    return closing;
  }

  /// A session begins to work.
  ///
  /// @throws IllegalStateException if the model is closed, or the session works already
  void enter(Session session) {
    enter(session, Thread.currentThread());
  }

  /// The same on another thread.
  synchronized void enter(Session session, Thread thread) {
    requireOpen();
    session.occupation().begin(thread);
    working.add(session);
  }

  /// Checks that the mapped file is as long as it was; called now and then, since it is not free.
  ///
  /// @throws IllegalStateException if it was cut short
  void requireWhole() {
    storage.requireWhole();
  }

  /// A session's work ends.
  synchronized void exit(Session session) {
    working.remove(session);
    session.occupation().end();
    if (closing && isIdle()) {
      free();
    }
    notifyAll();
  }

  /// Something else than a session begins to use the weights.
  ///
  /// @throws IllegalStateException if the model is closed and no session works
  synchronized void borrow() {
    if (working.isEmpty()) {
      requireOpen();
    }
    borrowed++;
  }

  /// It ends.
  synchronized void giveBack() {
    borrowed--;
    if (closing && isIdle()) {
      free();
    }
    notifyAll();
  }

  private boolean isIdle() {
    return working.isEmpty() && borrowed == 0;
  }

  /// Buffers for a forward pass; to be given back.
  synchronized State takeState() {
    return states.isEmpty() ? architecture.newState() : states.removeLast();
  }

  synchronized void giveBack(State state) {
    states.add(state);
  }

  private void requireOpen() {
    if (closing) {
      throw new IllegalStateException("the model " + info.name() + " is closed");
    }
  }

  /// Cancels and awaits all work, then frees the memory. Called again it does nothing.
  @Override
  public synchronized void close() {
    closing = true;
    boolean inCallback =
        working.stream().anyMatch(session -> session.occupation().isOfThisThread());
    boolean interrupted = false;
    while (!isIdle() && !inCallback) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (isIdle()) {
      free();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void free() {
    if (!freed) {
      freed = true;
      states.clear();
      storage.close();
    }
  }
}
