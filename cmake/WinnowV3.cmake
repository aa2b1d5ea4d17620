# WINNOW_V3: the program holds all rooms twice, for any x86-64 and for x86-64-v3 (AVX2, BMI2: processors since
# 2013), and main.c takes the second where it runs. It saves a twentieth of the processor time. Both are the same sources
# and give the same bytes: contraction is off (WinnowFlags), and neither reorders arithmetic.
#
# Choosing function by function (target_clones) was refused: it puts a call where much is inlined now. A second
# program beside the first was refused too: whoever copies one of them away has lost the other.
option(WINNOW_V3 "Hold the rooms for x86-64-v3 as well; needs gcc and objcopy" OFF)
if(WINNOW_V3 AND NOT (CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND CMAKE_OBJCOPY))
  message(STATUS "WINNOW_V3 is left out: it needs gcc and objcopy on x86_64")
  set(WINNOW_V3 OFF)
endif()

# winnow_v3_room(NAME SOURCES ... USES ...): a room's objects for the second time.
function(winnow_v3_room name)
  cmake_parse_arguments(V3 "" "" "SOURCES;USES" ${ARGN})
  add_library(winnow_v3_${name} OBJECT ${V3_SOURCES})
  target_include_directories(winnow_v3_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(winnow_v3_${name} PRIVATE ${V3_USES})
  target_compile_options(winnow_v3_${name} PRIVATE -march=x86-64-v3)
  set_property(GLOBAL APPEND PROPERTY WINNOW_V3_ROOMS winnow_v3_${name})
endfunction()

# winnow_v3_link(PROGRAM FUNCTION): all of them as one object of PROGRAM that shows FUNCTION_v3 and nothing else.
function(winnow_v3_link program function)
  get_property(rooms GLOBAL PROPERTY WINNOW_V3_ROOMS)
  list(TRANSFORM rooms REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  set(whole ${CMAKE_CURRENT_BINARY_DIR}/v3-whole.o)
  set(shut ${CMAKE_CURRENT_BINARY_DIR}/v3.o)
  set(lto "")
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    set(lto -flto=auto -flinker-output=nolto-rel -fwhole-program)
  endif()
  string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${config}}")
  add_custom_command(
    OUTPUT ${shut}
    COMMAND ${CMAKE_C_COMPILER} ${flags} -fPIE -march=x86-64-v3 -r -nostdlib ${lto} -o ${whole} ${objects}
    COMMAND ${CMAKE_OBJCOPY} --redefine-sym ${function}=${function}_v3 --keep-global-symbol=${function}_v3
            --keep-global-symbol=${function} ${whole} ${shut}
    DEPENDS ${rooms} ${objects}
    COMMAND_EXPAND_LISTS VERBATIM)
  target_sources(${program} PRIVATE ${shut})
  target_compile_definitions(${program} PRIVATE WINNOW_V3)
endfunction()
