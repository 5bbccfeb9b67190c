package secrets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// playSystem plays the roles in which the kernel refuses something to this
// process.
func playSystem(role string, i *Item) bool {
	var err error
	switch what, isSync := strings.CutPrefix(role, "sync "); {
	case isSync:
		err = playSync(what, filepath.Join(filepath.Dir(i.where), "file"))
	case role == "reserve with small files":
		err = playSmallFiles(i)
	case strings.Contains(role, "kernel keyring"), role == "load in another session":
		err = playKernelKeyring(role, i)
	default:
		return false
	}
	if err != nil {
		fmt.Println(err)
	}
	return true
}

// playSmallFiles reserves where no file may be as large, though one that holds
// an answer could be.
func playSmallFiles(i *Item) error {
	ctx := context.Background()
	release, err := i.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	const most = 16 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return err
	}
	return i.Reserve(ctx)
}

// playSync writes where the kernel refuses to sync one of the descriptors.
func playSync(what, path string) error {
	file, err := os.Open(os.DevNull) // also has the runtime open what it needs itself
	if err != nil {
		return err
	}
	folder, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	fd := uint32(file.Fd())
	if what == "folder" {
		fd = uint32(folder.Fd()) // is opened after the file
	}
	file.Close()
	folder.Close()
	if err := refuseSync(fd); err != nil {
		return err
	}
	if what == "room" {
		_, err := makeRoom(path, 1)
		fmt.Printf("taken: %v\n", pathCause(err))
		return nil
	}
	fmt.Printf("written: %v\n", pathCause(writeFile(path, []byte("text"))))
	r, err := makeRoom(path, 0)
	if err != nil {
		return err
	}
	fmt.Printf("written at once: %v\n", pathCause(r.use([]byte("text"), true)))
	return nil
}

// refuseSync has the kernel answer EIO to an fsync of this descriptor, for good.
func refuseSync(fd uint32) error {
	const number, firstArgument = 0, 16 // in struct seccomp_data; the low half comes first
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_FSYNC, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: firstArgument},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: fd, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EIO)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	return installFilter(filter)
}

// refuseCall has the kernel answer errno to a system call of this process, for good.
func refuseCall(call, errno uint32) error {
	return installFilter([]unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // its number, in struct seccomp_data
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | errno},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	})
}

func installFilter(filter []unix.SockFilter) error {
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread() // the other threads get from this one what it has
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if e != 0 {
		return fmt.Errorf("filter of system calls: %w", e)
	}
	return nil
}
