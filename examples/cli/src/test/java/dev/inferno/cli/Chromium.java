package dev.inferno.cli;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.impl.driver.Driver;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The Chromium or Chrome of this machine, without a window. None is ever fetched.
final class Chromium implements AutoCloseable {
  /// For `@EnabledIf`.
  static final String IS_THERE = "dev.inferno.cli.Chromium#isThere";

  private static final String PROPERTY = "inferno.chromium";
  private static final Map<String, String> FETCH_NOTHING =
      Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
  private static final List<String> PROGRAMS =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final List<String> USUAL_PLACES =
      List.of(
          "/Applications/Chromium.app/Contents/MacOS/Chromium",
          "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
          "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
          "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
          "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe");

  private static final Optional<Path> PROGRAM = find();

  private final Playwright playwright;
  private final Browser browser;

  private Chromium(Playwright playwright, Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  static Chromium start() {
    Path program =
        PROGRAM.orElseThrow(() -> new IllegalStateException("there is no Chromium to test with"));
    var playwright = Playwright.create(new Playwright.CreateOptions().setEnv(FETCH_NOTHING));
    try {
      return new Chromium(
          playwright,
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(program)
                      .setArgs(
                          List.of(
                              "--headless",
                              "--no-sandbox", // root, in a container
                              "--disable-gpu",
                              "--disable-background-networking"))));
    } catch (RuntimeException e) {
      playwright.close();
      throw e;
    }
  }

  Browser browser() {
    return browser;
  }

  /// The Node that drives the browser, so that a program in JavaScript needs no other.
  static Path node() {
    Path folder = Driver.ensureDriverInstalled(FETCH_NOTHING, false).driverDir();
    return folder.resolve(File.separatorChar == '/' ? "node" : "node.exe");
  }

  /// Whether there is one; if not, says so where the build can be read.
  static boolean isThere() {
    if (PROGRAM.isEmpty()) {
      System.err.println(
          "Tests in a browser are left out: no Chromium was found; install one, or name it with"
              + " -D"
              + PROPERTY
              + "=FILE");
    }
    return PROGRAM.isPresent();
  }

  private static Optional<Path> find() {
    String named = System.getProperty(PROPERTY, "");
    if (!named.isEmpty()) {
      return Optional.of(Path.of(named)); // if it is not there, the tests fail
    }
    List<String> places = new ArrayList<>();
    Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .forEach(
            folder -> PROGRAMS.forEach(program -> places.add(folder + File.separator + program)));
    places.addAll(USUAL_PLACES);
    return places.stream().flatMap(place -> executable(place).stream()).findFirst();
  }

  private static Optional<Path> executable(String place) {
    try {
      return Optional.of(Path.of(place)).filter(Files::isExecutable);
    } catch (InvalidPathException e) {
      return Optional.empty(); // another system's
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
