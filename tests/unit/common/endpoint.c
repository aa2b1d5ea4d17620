/* SPDX-License-Identifier: Apache-2.0 */
#include "common/endpoint.h"

#include "support/assert.h"

static void each_transport_has_its_prefix(void **state)
{
    (void)state;
    assert_int_equal(endpoint_kind("tcp://sink:5556"), ENDPOINT_TCP);
    assert_int_equal(endpoint_kind("ipc:///run/winnow/sink"), ENDPOINT_IPC);
    assert_int_equal(endpoint_kind("inproc://sink"), ENDPOINT_INPROC);
    assert_int_equal(endpoint_kind("udp://sink:5556"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("sink:5556"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("TCP://sink:5556"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind(""), ENDPOINT_NONE);
}

static void a_transport_without_a_place_is_no_endpoint(void **state)
{
    (void)state;
    assert_int_equal(endpoint_kind("tcp://"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("ipc://"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("inproc://"), ENDPOINT_NONE);
}

static void a_tcp_endpoint_has_a_host_and_a_port_from_0_to_65535_or_a_star(void **state)
{
    (void)state;
    assert_int_equal(endpoint_kind("tcp://*:*"), ENDPOINT_TCP);
    assert_int_equal(endpoint_kind("tcp://0.0.0.0:0"), ENDPOINT_TCP);
    assert_int_equal(endpoint_kind("tcp://[::1]:65535"), ENDPOINT_TCP);
    assert_int_equal(endpoint_kind("tcp://sink:65536"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("tcp://sink:4294967297"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("tcp://sink:-1"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("tcp://sink:80x"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("tcp://sink:"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("tcp://sink"), ENDPOINT_NONE);
    assert_int_equal(endpoint_kind("tcp://:5556"), ENDPOINT_NONE);
}

static void only_a_plain_ipc_endpoint_has_a_path(void **state)
{
    (void)state;
    assert_string_equal(endpoint_path("ipc:///run/winnow/sink"), "/run/winnow/sink");
    assert_string_equal(endpoint_path("ipc://here"), "here");
    assert_null(endpoint_path("ipc://@winnow"));
    assert_null(endpoint_path("ipc://*"));
    assert_null(endpoint_path("tcp://sink:5556"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_transport_has_its_prefix),
        cmocka_unit_test(a_transport_without_a_place_is_no_endpoint),
        cmocka_unit_test(a_tcp_endpoint_has_a_host_and_a_port_from_0_to_65535_or_a_star),
        cmocka_unit_test(only_a_plain_ipc_endpoint_has_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
