@echo off
rem Starts the command line of Inferno: builds it first where it is missing or older than its sources.
rem INFERNO_JAVA_OPTS goes to Java, such as -Xmx8g.
setlocal EnableExtensions DisableDelayedExpansion
set "INFERNO_HOME=%~dp0"
set "TARGET=%INFERNO_HOME%examples\cli\target\fast"

set "JDK="
set "FOUND="
if defined JAVA_HOME call :consider "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%j in ('where java 2^>nul') do call :consider "%%~dpj.."
if not defined JDK for %%p in (
  "%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft"
  "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft"
  "%LOCALAPPDATA%\Programs\Eclipse Adoptium" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps"
) do if exist "%%~p" for /d %%j in ("%%~p\*") do call :consider "%%~j"
if not defined JDK (
  echo Inferno needs a JDK 25 or newer: install one, such as Temurin 25, or set JAVA_HOME. 1>&2
  if defined FOUND (echo What was found:%FOUND% 1>&2) else (echo No JDK was found: not in JAVA_HOME, not on the PATH, not in the usual folders. 1>&2)
  exit /b 1
)

call :stale
if errorlevel 1 (
  call :build
  if errorlevel 1 exit /b 1
)

rem Interpreted, vector code is hundreds of times slower than compiled, so that it pays to compile it
rem early and to wait for it. The heap stays small. See docs/adr/0011-cold-start.md.
rem What the chat speaks to the terminal with calls functions of the system.
set "VECTORS=dev.inferno.internal.kernels.Vector*::*"
set "COMPILE=-XX:CompileCommand=quiet"
set "COMPILE=%COMPILE% -XX:CompileCommand=CompileThresholdScaling,%VECTORS%,0.02 -XX:CompileCommand=BackgroundCompilation,%VECTORS%,false -XX:+UseSerialGC -Xmn32m --enable-native-access=org.jline.terminal.ffm"

"%JDK%\bin\java.exe" %COMPILE% %INFERNO_JAVA_OPTS% -p "%TARGET%\lib" -m dev.inferno.cli/dev.inferno.cli.Main %*
exit /b %ERRORLEVEL%

rem Takes the folder of the argument if it is a JDK that is new enough; its release file tells.
:consider
if defined JDK exit /b 0
if not exist "%~1\bin\java.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "MAJOR=0"
for /f "usebackq tokens=2 delims==" %%v in (`findstr /b "JAVA_VERSION=" "%~1\release"`) do (
  for /f "tokens=1,2 delims=.-+" %%a in ("%%~v") do if "%%a"=="1" (set "MAJOR=%%b") else (set "MAJOR=%%a")
)
if %MAJOR% GEQ 25 if exist "%~1\bin\javac.exe" (
  set "JDK=%~f1"
  exit /b 0
)
set "FOUND=%FOUND% [%~f1, Java %MAJOR%]"
exit /b 0

rem Error level 1 if there is no build or a source is newer than the beginning of the last one.
:stale
if not exist "%TARGET%\built" exit /b 1
powershell -NoProfile -Command "$b = (Get-Item -LiteralPath $env:TARGET\built).LastWriteTimeUtc; $s = 'pom.xml','*\pom.xml','examples\cli\pom.xml','examples\visualizer\pom.xml','*\src\main','examples\cli\src\main','examples\visualizer\src\main' | ForEach-Object { Get-Item ($env:INFERNO_HOME + $_) }; if ($s | ForEach-Object { $_; if ($_.PSIsContainer) { Get-ChildItem -LiteralPath $_.FullName -Recurse } } | Where-Object { $_.LastWriteTimeUtc -gt $b } | Select-Object -First 1) { exit 1 }"
exit /b %ERRORLEVEL%

:build
set "MVN=%INFERNO_HOME%mvnw.cmd"
where mvn >nul 2>nul && set "MVN=mvn"
echo inferno: building with %MVN%; this is done once, and again when a source changes ... 1>&2
if not exist "%TARGET%" mkdir "%TARGET%"
type nul > "%TARGET%\built.next"
pushd "%INFERNO_HOME%"
setlocal
set "JAVA_HOME=%JDK%"
call "%MVN%" -q -B "-Pfast,!format" -pl examples/cli -am package <nul 1>&2
endlocal & set "RESULT=%ERRORLEVEL%"
popd
if not "%RESULT%"=="0" (
  echo inferno: the build failed 1>&2
  exit /b 1
)
move /y "%TARGET%\built.next" "%TARGET%\built" >nul
exit /b 0
