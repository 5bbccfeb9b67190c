package network

import (
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Whose a connection within this machine is, is told for this user's and root's, for another's, and for one that was given
// up; of one that is not there nothing is.
func TestOwnConnection(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("not on this machine: %v", err)
			continue
		}
		defer l.Close()
		accept := func() (client, server netip.AddrPort) {
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			return netip.MustParseAddrPort(conn.RemoteAddr().String()), netip.MustParseAddrPort(conn.LocalAddr().String())
		}
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		client, server := accept()
		if own, told := OwnConnection(client, server); !own || !told {
			t.Errorf("%s, our own: %v, %v", address, own, told)
		}
		if own, told := OwnConnection(netip.AddrPortFrom(client.Addr(), 1), server); own || told {
			t.Errorf("%s, nobody's: %v, %v", address, own, told)
		}
		conn.Close()
		if own, _ := OwnConnection(client, server); own {
			t.Errorf("%s: one that was given up counts as root's", address)
		}
		if os.Getuid() != 0 {
			continue
		}
		stranger := dialAs(t, 4711, l.Addr().String())
		defer stranger.Close()
		client, server = accept()
		if own, told := OwnConnection(client, server); own || !told {
			t.Errorf("%s, another user's: %v, %v", address, own, told)
		}
	}
}

// dialAs makes a connection whose socket is another user's, as the kernel counts them: by a thread that root has lent out.
func dialAs(t *testing.T, uid int, address string) net.Conn {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, err := unix.SetfsuidRetUid(uid); err != nil {
		t.Fatal(err)
	}
	defer unix.SetfsuidRetUid(os.Getuid())
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
