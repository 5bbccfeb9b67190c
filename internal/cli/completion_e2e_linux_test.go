package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// shell is one in which somebody has turned completion on.
type shell struct {
	name    string
	command []string
	setup   string // READY is a file to be made then
}

// Keys of the line editors that the three have in common; the last is bound by the setup.
const (
	tabKey, homeKey, endKey, menuKey = "\t", "\x01", "\x05", "\x14"
)

func completingShells() []shell {
	return []shell{
		{"bash", []string{"bash", "--norc", "--noprofile", "-i"},
			`unset HISTFILE; . /usr/share/bash-completion/bash_completion; bind '"\C-t": menu-complete'; . <(wfauth completion bash); : >READY`},
		{"zsh", []string{"zsh", "-f", "-i"},
			`unset HISTFILE; bindkey -e; bindkey '^T' menu-complete; autoload -U compinit; compinit -u -D; . <(wfauth completion zsh); : >READY`},
		{"fish", []string{"fish", "--private"}, `wfauth completion fish | source; true >READY`},
	}
}

// Completion in real shells: what is typed, and what stands in the line after a press of the key.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	for _, s := range completingShells() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(s.name); err != nil {
				lacking(t, "shells", s.name+" is not installed")
			}
			if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); err != nil && s.name == "bash" {
				lacking(t, "shells", "bash-completion is not installed")
			}
			w := newWorld(t, emulator.Options{}, nil)
			w.login("--profile", "somebody")
			w.must("proj", "describe", "-o", "csv")
			w.must("user", "describe", "-o", "csv")
			line := w.completing(s)
			asked := w.tenant.Counts().API
			for typed, want := range map[string]string{
				"wfauth vers":           "wfauth version",
				"wfauth optas":          "wfauth optask",
				"wfauth proj sea":       "wfauth proj search",
				"wfauth --profile some": "wfauth --profile somebody",
				"wfauth --profile somebody proj search status=CU":    "wfauth --profile somebody proj search status=CUR",
				"wfauth proj search percentC":                        "wfauth proj search percentComplete",
				"wfauth proj search owner:emailA":                    "wfauth proj search owner:emailAddr",
				"wfauth proj search --fields name,owner:emailA":      "wfauth proj search --fields name,owner:emailAddr",
				"wfauth proj search status=CUR,PL":                   "wfauth proj search status=CUR,PLN",
				"wfauth proj search 'percentComplete>50' priori":     "wfauth proj search percentComplete>50 priority",
				"wfauth proj search 'name~a b' --or 'budget<5' stat": "wfauth proj search name~a b --or budget<5 status",
				"wfauth proj search DE:Cost":                         "wfauth proj search DE:Cost Center",
				"wfauth proj report --group-by status --agg sum:bud": "wfauth proj report --group-by status --agg sum:budget",
				"wfauth proj report -o char":                         "wfauth proj report -o chart",
				"wfauth work query myAcc":                            "wfauth work query myAccomplishments",
				"wfauth proj describe coll":                          "wfauth proj describe collections",
			} {
				if got := line(typed, tabKey); strings.Join(got, " ") != want {
					t.Errorf("%s: %q, want %s", typed, got, want)
				}
			}
			if s.name != "fish" { // which has no key that inserts one candidate after the other
				var operators []string
				for n := range 6 {
					got := line("wfauth proj search percentComplete", strings.Repeat(menuKey, n+1))
					operators = append(operators, strings.TrimPrefix(got[len(got)-1], "percentComplete"))
				}
				slices.Sort(operators)
				if got := strings.Join(slices.Compact(operators), " "); got != "!= < <= = > >=" {
					t.Errorf("operators that are inserted: %s", got)
				}
			}
			if n := w.tenant.Counts().API; n != asked {
				t.Errorf("completion has sent %d requests", n-asked)
			}
			for _, name := range []string{"50", "5"} {
				if _, err := os.Stat(filepath.Join(w.home, name)); err == nil {
					t.Errorf("an operator was taken for a redirection to %s", name)
				}
			}
		})
	}
}

// Each mend is still one of what cobra writes, and PowerShell's script comes whole.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	var all string
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		status, stdout, stderr := within(t, nil, "completion", shell)
		if status != 0 || stderr != "" || !strings.Contains(stdout, "__complete") {
			t.Errorf("%s: exit status %d, %d bytes, %s", shell, status, len(stdout), stderr)
		}
		all += stdout
	}
	for _, mend := range mends {
		if !strings.Contains(all, mend[1]) {
			t.Errorf("cobra no longer writes %s", mend[0])
		}
	}
}

// completing starts a shell, and gives what types some text, presses some keys and returns the words that the line then has.
func (w *world) completing(s shell) (line func(typed, keys string) []string) {
	w.t.Helper()
	folder := w.t.TempDir()
	if err := os.Symlink(w.program, filepath.Join(folder, "wfauth")); err != nil {
		w.t.Fatal(err)
	}
	// Where it is not there, fish makes it of all man pages, in the background and beyond its own end.
	if err := os.MkdirAll(filepath.Join(w.home, ".local/share/fish/generated_completions"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	keys, screen := openTerminal(w.t)
	defer screen.Close()
	p := &process{cmd: exec.Command(s.command[0], s.command[1:]...)}
	p.cmd.Dir = w.home
	p.cmd.Env = append(slices.Clone(w.env), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"), "TERM=xterm", "LC_ALL=C.UTF-8", "WFAUTH_PASSPHRASE=")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = screen, screen, screen
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.start(w.t)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_, _ = io.Copy(&p.stderr, keys) // ends with an error when nobody has the terminal open any more
	}()
	w.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		keys.Close()
		<-shown
	})
	made := func(file, typed string) string {
		w.t.Helper()
		if _, err := io.WriteString(keys, typed); err != nil {
			w.t.Fatal(err)
		}
		var text []byte
		eventually(w.t.Context(), w.t, typed+"\n"+p.stderr.String(), func() bool {
			var err error
			text, err = os.ReadFile(file)
			return err == nil && (file == filepath.Join(folder, "ready") || strings.HasSuffix(string(text), "<end>"))
		})
		return string(text)
	}
	ready := filepath.Join(folder, "ready")
	made(ready, strings.ReplaceAll(s.setup, "READY", ready)+"\n")
	n := 0
	return func(typed, keys string) []string {
		n++
		file := filepath.Join(folder, strconv.Itoa(n))
		words := made(file, typed+keys+homeKey+`printf "<%s>" `+endKey+` end >`+file+"\n")
		return strings.Split(strings.TrimSuffix(strings.TrimPrefix(words, "<"), "><end>"), "><")
	}
}

// Completion needs nothing but the cache: no passphrase, no network, and it writes nothing.
func TestCompletionOnlyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	w.must("proj", "describe", "-o", "csv")
	before, asked := tree(t, w.home), w.tenant.Counts()
	poor := w.with("WFAUTH_PASSPHRASE=", "HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1")
	for _, words := range [][]string{
		{""}, {"proj", ""}, {"proj", "search", "st"}, {"proj", "search", "status="}, {"task", "search", "status="}, {"cust", "s"},
		{"proj", "search", "owner:", ""}, {"--profile", ""}, {"proj", "query", ""}, {"proj", "report", "--agg", "sum:"}, {"help", ""},
	} {
		p := poor.run(append([]string{"__complete"}, words...)...)
		if p.status != 0 || !strings.Contains(p.stdout.String(), ":") {
			t.Errorf("%q: exit status %d, %s", words, p.status, p.stderr.String())
		}
	}
	if after := tree(t, w.home); !slices.Equal(before, after) || w.tenant.Counts() != asked {
		t.Errorf("files before:\n%s\nand after:\n%s\nrequests %v, %v", before, after, asked, w.tenant.Counts())
	}
}

// A pipe in the place of the cache is not waited for.
func TestMetadataIsNoPipe(t *testing.T) {
	t.Parallel()
	d := newDescribed(t)
	d.describe(t, "first", 1)
	file := d.files(t)[0]
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	d.describe(t, "a pipe", 2)
	d.describe(t, "mended", 2)
}

// tree is what lies in a folder, each with its time of change.
func tree(t *testing.T, folder string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all = append(all, path+" "+info.ModTime().String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
