// Package porttest gives tests ports on the loopback address: such as a program under test will listen on, and such as
// nobody listens on. It serves tests only.
package porttest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// claims is an address of this machine that no program listens on. A port belongs to the test that listens on it there.
const claims = "127.86.5.86"

// Free is a port that is free on both loopback addresses, and that neither another test gets, of whatever process, until
// this one ends, nor a program to which the system hands out some port or other.
func Free(t testing.TB) string {
	t.Helper()
	for range 10_000 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000)) // below what systems hand out
		if free("127.0.0.1", port) && free("::1", port) && claim(t, port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// free is true, too, where the machine lacks the address.
func free(host, port string) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return !exists(host)
	}
	l.Close()
	return true
}

// claim is false where another test has the port. On a system with one loopback address nobody can tell: there are many
// ports, and few tests.
func claim(t testing.TB, port string) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(claims, port))
	if err != nil {
		return !exists(claims)
	}
	t.Cleanup(func() { l.Close() })
	return true
}

// exists tells whether this machine has an address.
func exists(host string) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// Refusing is an address that refuses connections until the test ends: the near end of one, where nobody listens, nor can.
func Refusing(t testing.TB) string {
	t.Helper()
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	near, err := net.Dial("tcp", far.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	return near.LocalAddr().String()
}
