# winnow_room(NAME SOURCES a.c ... [PUBLIC target ...] [PRIVATE target ...])
# Makes the static library winnow_NAME, alias winnow::NAME. Headers are included as "room/file.h".
function(winnow_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(winnow_${name} STATIC ${ROOM_SOURCES})
  add_library(winnow::${name} ALIAS winnow_${name})
  target_include_directories(winnow_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(winnow_${name} PUBLIC ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE} winnow_flags)
endfunction()
