package gateway_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// No test may leave a goroutine behind: a gateway ends with its requests. What is let through
// is net/http's half second after it has cut off a request that was not read whole; nothing can call it off. Each look
// takes half a second where something is left, and on a busy machine that may not be enough to end.
func TestMain(m *testing.M) {
	code := m.Run()
	ignored := goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait")
	left := goleak.Find(ignored)
	for until := time.Now().Add(time.Minute); left != nil && time.Now().Before(until); left = goleak.Find(ignored) {
	}
	if left != nil && code == 0 {
		fmt.Fprintln(os.Stderr, left)
		code = 1
	}
	os.Exit(code)
}
