# Flags as targets. winnow_instrument is for everything, generated code too; winnow_flags, with
# the warnings, is for what we write ourselves.
add_library(winnow_instrument INTERFACE)
# The build id is how a sink knows its own build again (common/program.h).
target_link_options(winnow_instrument INTERFACE LINKER:--build-id=sha1)
if(WINNOW_SANITIZE)
  target_compile_options(winnow_instrument INTERFACE
    -fsanitize=${WINNOW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(winnow_instrument INTERFACE -fsanitize=${WINNOW_SANITIZE})
endif()
if(WINNOW_COVERAGE)
  target_compile_options(winnow_instrument INTERFACE --coverage)
  target_link_options(winnow_instrument INTERFACE --coverage)
endif()
if(WINNOW_FUZZ)
  target_compile_options(winnow_instrument INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Contraction off everywhere: a fused multiply-add rounds once where two operations round twice,
# and the same input must give the same bytes on every host.
add_library(winnow_flags INTERFACE)
target_link_libraries(winnow_flags INTERFACE winnow_instrument)
target_compile_options(winnow_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wvla -Wundef -Wformat=2 -fno-common -ffp-contract=off)

# What the roles see of the system; score/ does not get it (it is ISO C and nothing else).
add_library(winnow_posix INTERFACE)
target_compile_definitions(winnow_posix INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
