# For a POSIX shell to source. find_jdk looks for a JDK of at least 25 and leaves its folder in $jdk
# and its version in $major; where there is none it says what it found instead, and fails.

find_jdk() {
  jdk_found=
  if [ -n "${JAVA_HOME:-}" ]; then
    consider_jdk "$JAVA_HOME" && return
  fi
  if java=$(command -v java); then
    while [ -h "$java" ]; do
      link=$(readlink "$java")
      case $link in
        /*) java=$link ;;
        *) java=$(dirname "$java")/$link ;;
      esac
    done
    java_bin=$(dirname "$java")
    consider_jdk "$(dirname "$java_bin")" && return
    # The java of a version manager is a script somewhere else: ask it.
    case $java_bin in
      */bin) [ -e "${java_bin%/bin}/release" ] || java_bin= ;;
      *) java_bin= ;;
    esac
    if [ -z "$java_bin" ]; then
      asked=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p' || :)
      [ -n "$asked" ] && consider_jdk "$asked" && return
    fi
  fi
  for place in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/*jdk* /opt/* /opt/*/* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.asdf/installs/java/* \
    "${HOME:-}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    consider_jdk "$place" && return
  done
  echo "Inferno needs a JDK 25 or newer: install one, such as Temurin 25, or set JAVA_HOME." >&2
  if [ -n "$jdk_found" ]; then
    echo "What was found:$jdk_found" >&2
  else
    echo "No JDK was found: not in JAVA_HOME, not on the PATH, not in the usual folders." >&2
  fi
  return 1
}

# Takes the folder $1 if it is a JDK that is new enough. Its release file tells, so no JVM is started.
consider_jdk() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  major=0
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      JAVA_VERSION=*)
        major=${line#JAVA_VERSION=}
        major=${major#\"}
        major=${major#1.} # 1.8.0 was 8
        major=${major%%[!0-9]*}
        ;;
    esac
  done <"$1/release"
  if [ "${major:-0}" -ge 25 ] && [ -x "$1/bin/javac" ]; then
    jdk=$1
    return 0
  fi
  lacks=
  [ -x "$1/bin/javac" ] || lacks=", without a compiler"
  case $jdk_found in
    *"
  $1 ("*) ;; # JAVA_HOME and the PATH often name the same one
    *)
      [ -h "$1" ] || jdk_found="$jdk_found
  $1 (Java $major$lacks)"
      ;;
  esac
  return 1
}
