execute_process(COMMAND ${SVSIM} ${ARGS}
  RESULT_VARIABLE exit OUTPUT_VARIABLE out ERROR_VARIABLE err)

set(report "svsim ${ARGS}\nexit status: ${exit}\nstdout:\n${out}stderr:\n${err}")
if(NOT exit STREQUAL EXIT)
  message(FATAL_ERROR "expected exit status ${EXIT}\n${report}")
endif()
if(NOT out MATCHES "${STDOUT}")
  message(FATAL_ERROR "expected stdout to match ${STDOUT}\n${report}")
endif()
if(NOT err MATCHES "${STDERR}")
  message(FATAL_ERROR "expected stderr to match ${STDERR}\n${report}")
endif()
