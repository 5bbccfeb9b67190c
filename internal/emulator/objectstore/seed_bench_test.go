package objectstore_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// BenchmarkNew makes stores as small as most and as large as any: bytes/task is what is held for a task and all that
// hangs on it, 2.5 objects in all.
func BenchmarkNew(b *testing.B) {
	for _, tasks := range []int{2_000, 200_000, 1_000_000} {
		b.Run(fmt.Sprint(tasks), func(b *testing.B) {
			var before, after runtime.MemStats
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				store := objectstore.New(objectstore.Options{Projects: tasks / 30, Tasks: tasks})
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(store)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(tasks), "bytes/task")
		})
	}
}
