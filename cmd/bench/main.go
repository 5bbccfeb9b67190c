// Command bench measures wfauth against the tools that people would use instead, and prints one Markdown table.
// It is no test: it passes no judgement, and what is not installed it leaves out and names.
//
//	go run ./cmd/bench
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	rows := flag.Int("rows", 200_000, "rows of the list that is read")
	rounds := flag.Int("rounds", 5, "runs of each long measurement; short ones are run eight times as often")
	size := flag.Int64("bytes", 1<<30, "how large the file is that is up- and downloaded")
	only := flag.String("only", "", "the measurements to make, as start,transfers; all if empty: start, token, list, memory, latency, bulk, transfers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &bench{rows: *rows, rounds: *rounds, size: *size}, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is what the measurements share.
type bench struct {
	ctx     context.Context
	dir     string // temporary
	url     string // of the page server
	rows    int
	rounds  int
	size    int64
	wfauth  string
	table   table
	missing []string
}

func run(ctx context.Context, b *bench, only string) error {
	dir, err := os.MkdirTemp("", "wfauth-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.ctx, b.dir = ctx, dir
	if b.wfauth, err = b.build("wfauth", "./cmd/wfauth"); err != nil {
		return err
	}
	url, stop, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer stop()
	b.url = url
	for _, m := range []struct {
		name    string
		measure func() error
	}{{"start", b.startup}, {"token", b.token}, {"list", b.list}, {"memory", b.memory}, {"latency", b.latency}, {"bulk", b.bulk}, {"transfers", b.transfers}} {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		if err := m.measure(); err != nil {
			return err
		}
	}
	b.print()
	return nil
}

func (b *bench) print() {
	fmt.Printf("%s, %s/%s, %d CPUs%s, %s. Medians of interleaved runs: %d of the short ones, %d of the others.\n\n",
		time.Now().Format("2 January 2006"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cpuName(), runtime.Version(), 8*b.rounds, b.rounds)
	b.table.print(os.Stdout)
	if len(b.missing) > 0 {
		fmt.Printf("\nLeft out: %s.\n", strings.Join(b.missing, "; "))
	}
}

// installed finds a program, or notes that its rows are left out.
func (b *bench) installed(name string) bool {
	if _, err := exec.LookPath(name); err != nil {
		if note := name + " is not installed"; !slices.Contains(b.missing, note) {
			b.missing = append(b.missing, note)
		}
		return false
	}
	return true
}

// startup is how long a program takes that does nothing.
func (b *bench) startup() error {
	empty, err := b.program("empty", emptyProgram)
	if err != nil {
		return err
	}
	runs := []contender{
		{"empty Go program", b.command(empty)},
		{"`wfauth version`", b.command(b.wfauth, "version")},
		{"`wfauth proj <TAB>`", b.command(b.wfauth, "__complete", "proj", "")},
	}
	if b.installed("gh") {
		runs = append(runs, contender{"`gh --version`", b.command("gh", "--version")})
	}
	return b.race("start", 8*b.rounds, runs)
}

// token is how long a session takes that is in the keyring and fresh.
func (b *bench) token() error {
	home := filepath.Join(b.dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env := []string{"WFAUTH_CONFIG_DIR=" + home, "XDG_STATE_HOME=" + home, "XDG_CACHE_HOME=" + home, "WFAUTH_HOST=", "WFAUTH_SESSION_ID=", "WFAUTH_PROFILE="}
	if err := b.login(env); err != nil {
		b.missing = append(b.missing, fmt.Sprintf("a cached session, for there is no keyring to use (%s)", firstLine(err)))
		return nil
	}
	defer func() {
		logout := b.command(b.wfauth, "logout", "--all")(context.WithoutCancel(b.ctx))
		logout.Env = append(os.Environ(), env...)
		_ = logout.Run() // the item is of no use to anyone once the page server is gone
	}()
	read, err := b.program("keyring", keyringProgram)
	if err != nil {
		return err
	}
	runs := []contender{
		{"Go program that reads one keyring item", b.command(read, "local@"+strings.TrimPrefix(b.url, "http://"))},
		{"`wfauth token`", b.command(b.wfauth, "token").with(env...)},
	}
	if b.installed("gh") {
		runs = append(runs, contender{"`gh auth token`", b.command("gh", "auth", "token")})
	}
	return b.race("cached session", 8*b.rounds, runs)
}

func firstLine(err error) string {
	text := err.Error()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		text = string(exit.Stderr)
	}
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// pageStep is by how much the offsets of wfauth's pages differ: 2,000 rows, of which one overlaps.
const pageStep = 1999

// list is how long it takes to have a whole list as lines.
func (b *bench) list() error {
	decode, err := b.program("decode", decodeProgram)
	if err != nil {
		return err
	}
	pages := fmt.Sprintf("%s/attask/api/v22.0/task/search?rows=%d&ID_Sort=asc&$$FIRST=[0-%d:%d]&$$LIMIT=2000", b.url, b.rows, b.rows-1, pageStep)
	var runs []contender
	if b.installed("curl") {
		runs = append(runs, contender{"`curl`, the same pages", b.command("curl", "-sf", pages)})
		if b.installed("jq") {
			script := `curl -sf "$1" | jq -c '.data[]'`
			runs = append(runs, contender{"`curl \\| jq -c '.data[]'`", b.command("sh", "-c", script, "sh", pages)})
		}
	}
	runs = append(runs,
		contender{"Go program with encoding/json", b.command(decode, strings.NewReplacer("[", "", fmt.Sprintf("-%d:%d]", b.rows-1, pageStep), "").Replace(pages), fmt.Sprint(b.rows))},
		contender{"`wfauth api --paginate -o ndjson`", b.walk(b.rows, 0, 3)},
		contender{"`wfauth task search --all -o ndjson`", b.session("task", "search", fmt.Sprintf("rows=%d", b.rows), "--all", "-o", "ndjson")},
	)
	return b.race(fmt.Sprintf("%s rows", grouped(b.rows)), b.rounds, runs)
}

// memory is the most that a walk takes, by the length of the list.
func (b *bench) memory() error {
	for _, rows := range []int{b.rows / 10, b.rows, 5 * b.rows} {
		peak, err := b.peak(b.walk(rows, 0, 3))
		if err != nil {
			return err
		}
		if peak == 0 {
			b.missing = append(b.missing, "peak memory, which this system does not tell")
			return nil
		}
		b.table.add(grouped(rows)+" rows, peak memory", "`wfauth api --paginate -o ndjson`", fmt.Sprintf("%.1f MiB", float64(peak)/(1<<20)), "")
	}
	return nil
}

// latency is what requests ahead are for.
func (b *bench) latency() error {
	var runs []contender
	for _, n := range []int{1, 3, 4, 8} {
		runs = append(runs, contender{fmt.Sprintf("`wfauth api --paginate --concurrency %d`", n), b.walk(b.rows, 100*time.Millisecond, n)})
	}
	return b.race(fmt.Sprintf("%s rows, 100 ms a request", grouped(b.rows)), max(b.rounds*3/5, 1), runs)
}

// walk reads a whole list with wfauth.
func (b *bench) walk(rows int, latency time.Duration, concurrency int) starter {
	return b.session("api", fmt.Sprintf("task/search?rows=%d&delay=%v", rows, latency), "--paginate", "-o", "ndjson", "--concurrency", fmt.Sprint(concurrency))
}

// session runs wfauth with a session of the page server's.
func (b *bench) session(args ...string) starter {
	return b.command(b.wfauth, args...).with("WFAUTH_HOST="+b.url, "WFAUTH_SESSION_ID="+sessionID)
}
