package network

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// OwnConnection says whether the client's end of a connection within this machine belongs to this user or to root, who can do
// anything anyway, and whether the system tells. One that was given up already belongs to nobody.
func OwnConnection(client, server netip.AddrPort) (own, told bool) {
	for range 3 { // the kernel's table can change while it is read
		for _, table := range [...]string{"/proc/net/tcp", "/proc/net/tcp6"} {
			if uid, open, ok := clientIn(table, client, server); ok {
				return open && (uid == os.Getuid() || uid == 0), !open || !unmappedUser(uid)
			}
		}
	}
	return false, false // not from here: another container, or the other system of a virtual machine
}

// unmappedUser says whether a user is one of those that this container has no number for: it may well be the person in front.
func unmappedUser(uid int) bool {
	overflow, err := os.ReadFile("/proc/sys/kernel/overflowuid")
	if err != nil || strings.TrimSpace(string(overflow)) != strconv.Itoa(uid) {
		return false
	}
	users, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && !strings.Contains(string(users), "4294967295") // not all users are mapped
}

// clientIn finds the socket of a client in one of the kernel's tables; one that its process has closed is not open, and its
// user is not told any more.
func clientIn(table string, client, server netip.AddrPort) (uid int, open, ok bool) {
	file, err := os.Open(table)
	if err != nil {
		return 0, false, false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || tableAddress(fields[1]) != unmapped(client) || tableAddress(fields[2]) != unmapped(server) {
			continue
		}
		uid, err := strconv.Atoi(fields[7])
		return uid, fields[9] != "0", err == nil
	}
	return 0, false, false
}

// tableAddress reads an address as the kernel prints it: the words of the address in the machine's own order, and the port.
func tableAddress(text string) netip.AddrPort {
	address, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	n, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, _ := netip.AddrFromSlice(raw)
	return unmapped(netip.AddrPortFrom(addr, uint16(n)))
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
