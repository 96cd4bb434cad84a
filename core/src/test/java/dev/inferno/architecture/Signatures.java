package dev.inferno.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the public signatures of a module show.
final class Signatures {
  private static final Pattern HIDDEN =
      Pattern.compile(
          "(java\\.lang\\.foreign|com\\.fasterxml|jdk|sun|dev\\.inferno\\.internal)(\\..*)?");

  private Signatures() {}

  /// Every place of an exported signature at which a type stands that no user should have to know.
  static List<String> leaks(JavaClasses classes, Set<String> exported) {
    List<String> leaks = new ArrayList<>();
    for (JavaClass type : classes) {
      if (exported.contains(type.getPackageName()) && isShown(type)) {
        supertypes(type)
            .filter(Signatures::isHidden)
            .forEach(hidden -> leaks.add(type.getSimpleName() + ": " + hidden.getName()));
        type.getMembers().stream()
            .filter(Signatures::isShown)
            .forEach(member -> add(member, leaks));
      }
    }
    return leaks;
  }

  private static boolean isShown(JavaClass type) {
    return isShown(type.getModifiers())
        && type.getEnclosingClass().map(Signatures::isShown).orElse(true);
  }

  private static boolean isShown(JavaMember member) {
    return isShown(member.getModifiers())
        && !member.getModifiers().contains(JavaModifier.SYNTHETIC);
  }

  private static boolean isShown(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaClass> supertypes(JavaClass type) {
    return Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream())
        .flatMap(supertype -> supertype.getAllInvolvedRawTypes().stream());
  }

  private static void add(JavaMember member, List<String> leaks) {
    types(member)
        .flatMap(type -> type.getAllInvolvedRawTypes().stream())
        .map(JavaClass::getBaseComponentType)
        .filter(Signatures::isHidden)
        .map(JavaClass::getName)
        .distinct()
        .forEach(name ->
            leaks.add(
                member.getFullName().replace(member.getOwner().getPackageName() + ".", "")
                    + ": "
                    + name));
  }

  private static Stream<JavaType> types(JavaMember member) {
    return switch (member) {
      case JavaField field -> Stream.of(field.getType());
      case JavaCodeUnit code ->
          Stream.concat(Stream.of(code.getReturnType()), code.getParameterTypes().stream());
      default -> Stream.empty();
    };
  }

  private static boolean isHidden(JavaClass type) {
    return HIDDEN.matcher(type.getPackageName()).matches();
  }
}
