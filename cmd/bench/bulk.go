package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// bulkRows are updated by each run of the bulk measurement, in requests of bulkBatch, each answered after bulkDelay.
const (
	bulkRows  = 10_000
	bulkBatch = 100
	bulkDelay = 100 * time.Millisecond
)

// bulk is how much longer many writes take than the network makes them: relative to the sum of all answers' latency, shared by those
// that are sent at once.
func (b *bench) bulk() error {
	input := filepath.Join(b.dir, "rows.csv")
	var rows strings.Builder
	rows.WriteString("ID,name,percentComplete\n")
	for i := range bulkRows {
		fmt.Fprintf(&rows, "%032x,\"Road works, phase %d\",12.5\n", i, i)
	}
	if err := os.WriteFile(input, []byte(rows.String()), 0o600); err != nil {
		return err
	}
	what := fmt.Sprintf("%s rows updated, 100 ms a request", grouped(bulkRows))
	for _, n := range []int{1, 4, 8} {
		run := b.session("task", "update", "--input", input, "--concurrency", fmt.Sprint(n))
		ideal := bulkDelay * (bulkRows / bulkBatch) / time.Duration(n)
		var took []time.Duration
		for range max(b.rounds*3/5, 1) {
			start := time.Now()
			if err := finish(run(b.ctx)); err != nil {
				return err
			}
			took = append(took, time.Since(start))
		}
		m := median(took)
		b.table.add(what, fmt.Sprintf("`wfauth task update --input --concurrency %d`", n), duration(m), fmt.Sprintf("%.2f of the latency", float64(m)/float64(ideal)))
	}
	if peak, err := b.peak(func(ctx context.Context) *exec.Cmd {
		return b.session("task", "update", "--input", input, "--concurrency", "4")(ctx)
	}); err != nil {
		return err
	} else if peak > 0 {
		b.table.add(what, "peak memory", fmt.Sprintf("%.1f MiB", float64(peak)/(1<<20)), "")
	}
	return nil
}

// update answers a bulk update after a while, as if every row had taken what it was to.
func update(w http.ResponseWriter, r *http.Request) {
	updates := r.PostFormValue("updates")
	time.Sleep(bulkDelay)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"data":`+updates+`}`) // whoever has gone wants no answer
}
