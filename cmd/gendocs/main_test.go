package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wfauth/wfauth/internal/cli"
)

// The reference in the tree is the one that the command tree gives now.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	fresh := t.TempDir()
	if err := write("md", fresh); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folder(t, fresh), folder(t, filepath.Join("..", "..", "docs", "cli"))); diff != "" {
		t.Errorf("docs/cli is not what the commands say now (go run ./cmd/gendocs md docs/cli):\n%s", diff)
	}
}

// Every word of the help stands in the man pages: what holds < and > and what begins with a dot, too.
func TestManPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	dir := t.TempDir()
	if err := write("man", dir, "v1.2.3"); err != nil {
		t.Fatal(err)
	}
	pages := folder(t, dir)
	read := strings.NewReplacer(`\e`, `\`, `\-`, "-", `\(aq`, "'", `\(ga`, "`", `\(ha`, "^", `\(ti`, "~", `\(dq`, `"`, `\&`, "")
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		text := pages[pageName(cmd)+".1"]
		if want := `.TH "` + read.Replace(strings.ToUpper(pageName(cmd))) + `" "1" "2026-09-21" "wfauth v1.2.3"`; !strings.HasPrefix(read.Replace(text), want) {
			t.Errorf("%s does not begin with %s", pageName(cmd), want)
		}
		help := []string{cmd.Short, cmd.Long, cmd.Example}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			name, usage := pflag.UnquoteUsage(f)
			help = append(help, "--"+f.Name+" "+name, usage)
		})
		for _, paragraph := range help {
			for line := range strings.Lines(paragraph) {
				if line = strings.TrimSpace(line); !strings.Contains(read.Replace(text), line) {
					t.Errorf("%s lacks %q", pageName(cmd), line)
				}
			}
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, "...") {
				t.Errorf("%s has text that is taken for a macro: %q", pageName(cmd), line)
			}
		}
		for _, sub := range shown(cmd) {
			check(sub)
		}
	}
	check(cli.Tree("proj"))
}

// A page made twice is the same page, and one without a version or a date of its release is one as well.
func TestManPagesWithoutADate(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "")
	var made [2]map[string]string
	for i := range made {
		dir := t.TempDir()
		if err := write("man", dir); err != nil {
			t.Fatal(err)
		}
		made[i] = folder(t, dir)
	}
	if diff := cmp.Diff(made[0], made[1]); diff != "" || !strings.HasPrefix(made[0]["wfauth.1"], `.TH "WFAUTH" "1" "" "wfauth" "wfauth manual"`) {
		t.Errorf("%s\n%.60s", diff, made[0]["wfauth.1"])
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if err := write("man", t.TempDir()); err == nil {
		t.Error("a date that is none was taken")
	}
}

func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	return files
}
