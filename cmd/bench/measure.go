package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// starter makes a command that is run once.
type starter func(ctx context.Context) *exec.Cmd

// contender is one of several programs that do the same.
type contender struct {
	name  string
	start starter
}

func (b *bench) command(name string, args ...string) starter {
	return func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, name, args...) }
}

func (s starter) with(env ...string) starter {
	return func(ctx context.Context) *exec.Cmd {
		cmd := s(ctx)
		cmd.Env = append(os.Environ(), env...)
		return cmd
	}
}

// race runs the contenders in turn, so that what disturbs the machine disturbs them all, and tabulates their medians. The first is
// what the others are compared with.
func (b *bench) race(what string, rounds int, all []contender) error {
	took := make([][]time.Duration, len(all))
	for round := range rounds + 1 {
		for i, c := range all {
			cmd := c.start(b.ctx)
			start := time.Now()
			if err := finish(cmd); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 { // the first fills the caches
				took[i] = append(took[i], time.Since(start))
			}
		}
	}
	base := median(took[0])
	for i, c := range all {
		m := median(took[i])
		b.table.add(what, c.name, duration(m), fmt.Sprintf("%.2f", float64(m)/float64(base)))
	}
	return nil
}

// finish runs a command whose output nobody reads.
func finish(cmd *exec.Cmd) error {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, stderr.String())
	}
	return nil
}

// peak is the most memory that a run takes, in bytes; 0 where the system does not tell.
func (b *bench) peak(start starter) (int64, error) {
	cmd := start(b.ctx)
	if err := finish(cmd); err != nil {
		return 0, err
	}
	return peakOf(cmd.ProcessState), nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func duration(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// table is printed in Markdown.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(w io.Writer) {
	fmt.Fprintln(w, "| what | program | median | relative |")
	fmt.Fprintln(w, "|---|---|---:|---:|")
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
}

// cpuName is what the machine says of itself, if it does.
func cpuName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return " (" + strings.TrimSpace(value) + ")"
		}
	}
	return ""
}

// login logs wfauth in to the page server, with the session in the keyring, and plays the browser.
func (b *bench) login(env []string) error {
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	cmd := b.command(b.wfauth, "login", b.url, "--client-id", "bench", "--no-browser", "--redirect-uri", redirectURI).with(env...)(ctx)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	said := bufio.NewScanner(stderr)
	last := ""
	for said.Scan() {
		if line := strings.TrimSpace(said.Text()); strings.HasPrefix(line, b.url) {
			resp, err := http.Get(line)
			if err != nil {
				last = err.Error()
				continue
			}
			resp.Body.Close()
		} else if text, ok := strings.CutPrefix(line, "wfauth: "); ok {
			last = text
		}
	}
	if cmd.Wait() != nil {
		return errors.New(last)
	}
	return nil
}

// build makes a stripped program of a package of ours, or of one file.
func (b *bench) build(name, from string) (string, error) {
	root, err := exec.CommandContext(b.ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module (run bench in it): %w", err)
	}
	path := filepath.Join(b.dir, name+".exe")
	cmd := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, from)
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return path, nil
}

// program builds one from its source.
func (b *bench) program(name, source string) (string, error) {
	path := filepath.Join(b.dir, name+".go")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		return "", err
	}
	return b.build(name, path)
}
