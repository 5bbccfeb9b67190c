package auth_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No test may leave a goroutine behind: a login's listener, its waiters and its timers end with Run. What is let through
// is net/http's half second after it has cut off a request that was not read whole; nothing can call it off.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
