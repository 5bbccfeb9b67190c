package workfront

import "os"

// histories is how many each check of an exactness property runs; rapid makes a hundred checks.
var histories = func() int {
	if os.Getenv("WFAUTH_TEST_FULL") != "" {
		return 100
	}
	return 10
}()
