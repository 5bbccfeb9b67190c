// Package internal_test holds the code to the design: the star of packages, and what a reader may rely on in every file.
// It does not test what the program does.
package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/wfauth/wfauth/"

// star says which of our packages each package may import. What serves tests only may be imported by every test.
var star = map[string][]string{
	"cmd/wfauth":  {"internal/cli"},
	"cmd/gendocs": {"internal/cli"},
	"cmd/bench":   {},               // it measures the program from outside
	"internal":    {"internal/cli"}, // these tests
	"internal/cli": {
		"internal/auth", "internal/bulk", "internal/config", "internal/emulator", "internal/gateway", "internal/network", "internal/objects",
		"internal/output", "internal/secrets", "internal/terminal", "internal/workfront",
	},
	"internal/auth":                 {},
	"internal/bulk":                 {},
	"internal/config":               {},
	"internal/emulator":             {"internal/emulator/objectstore"},
	"internal/emulator/objectstore": {},
	"internal/gateway":              {},
	"internal/network":              {},
	"internal/network/porttest":     {},
	"internal/objects":              {},
	"internal/output":               {},
	"internal/secrets":              {},
	"internal/secrets/secrettest":   {},
	"internal/terminal":             {},
	"internal/workfront":            {},
}

// What reaches a terminal is tested through the writer that the program puts before it.
var forTests = []string{"internal/emulator", "internal/network/porttest", "internal/secrets/secrettest", "internal/terminal"}

// A rule finds what breaks it, as "file:line: what". The sample is a small project that breaks it, so that a rule which
// has gone blind is noticed.
type rule struct {
	name, why string
	find      func(*project) []string
	sample    map[string]string
}

var rules = []rule{
	{
		"star", "a leaf that knows no other leaf can be read, tested and replaced alone; internal/cli puts them together",
		onImport(func(s source, imported string) string {
			own, ok := strings.CutPrefix(imported, module)
			if !ok || own == s.pkg() || slices.Contains(star[s.pkg()], own) || s.test() && slices.Contains(forTests, own) {
				return ""
			}
			return "imports " + own
		}),
		map[string]string{"internal/auth/a.go": `package auth; import _ "github.com/wfauth/wfauth/internal/config"`},
	}, {
		"members", "a package that the star does not name has no rules",
		func(p *project) (found []string) {
			for _, s := range p.sources {
				if _, ok := star[s.pkg()]; !ok {
					found = append(found, s.path+": the package is not in the star")
				}
			}
			return found
		},
		map[string]string{"internal/cache/a.go": `package cache`},
	}, {
		"tests stay tests", "what ships must not carry the testing packages, nor what only tests may use; the emulator ships",
		onImport(func(s source, imported string) string {
			if s.test() || !strings.HasPrefix(imported, "testing") && imported != "net/http/httptest" && !forTestsOnly(imported) {
				return ""
			}
			return "imports " + imported
		}),
		map[string]string{"internal/emulator/a.go": `package emulator; import _ "net/http/httptest"`},
	}, {
		"the store knows no HTTP", "what the tenant holds can be read and tested without a request; what a request is stays in internal/emulator",
		onImport(func(s source, imported string) string {
			if s.pkg() != "internal/emulator/objectstore" || !strings.HasPrefix(imported, "net/http") {
				return ""
			}
			return "imports " + imported
		}),
		map[string]string{"internal/emulator/objectstore/a.go": `package objectstore; import _ "net/http"`},
	}, {
		"no oauth2 library", "it sends a single-use code twice and forgets rotated refresh tokens: decision 0001",
		onImport(forbid("golang.org/x/oauth2")),
		map[string]string{"internal/auth/a.go": `package auth; import _ "golang.org/x/oauth2/clientcredentials"`},
	}, {
		"no templates", "they add 2.5 MB and keep the linker from dropping unused methods; html.EscapeString does",
		onImport(forbid("html/template", "text/template")),
		map[string]string{"internal/auth/a.go": `package auth; import _ "html/template"`},
	}, {
		"main is one line", "whatever main does cannot be tested in process",
		func(p *project) (found []string) {
			for _, s := range p.in("cmd/wfauth") {
				for _, d := range s.file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok && (f.Name.Name != "main" || len(f.Body.List) != 1) {
						found = append(found, p.at(s, d)+"func "+f.Name.Name)
					}
				}
			}
			return found
		},
		map[string]string{"cmd/wfauth/main.go": `package main; func main() { println(); println() }`},
	}, {
		"no init", "it runs at every start, also where nothing of the package is used, and no caller can see it",
		func(p *project) (found []string) {
			for _, s := range p.shipped() {
				for _, d := range s.file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
						found = append(found, p.at(s, d)+"func init")
					}
				}
			}
			return found
		},
		map[string]string{"internal/auth/a.go": `package auth; func init() {}`},
	}, {
		"no mutable package variables", "two runs in one process, as in parallel tests, must not see each other; work at package level slows every start",
		packageVariables,
		map[string]string{"internal/auth/a.go": "package auth\nimport \"regexp\"\nvar form = regexp.MustCompile(`x`)"},
	}, {
		"constant tables are not written", "an array is a variable in Go, but nobody may use it as one",
		writtenTables,
		map[string]string{"internal/auth/a.go": `package auth; var t = [...]int{1}; func f() { t[0] = 2 }`},
	}, {
		"libraries' variables are set in Main alone", "they belong to the whole process: two runs in it would race for them",
		foreignWrites,
		map[string]string{"internal/cli/a.go": `package cli; import "github.com/spf13/cobra"; func f() { cobra.MousetrapHelpText = "" }`},
	}, {
		"no exit below main", "it skips deferred work, such as giving a lock back, and ends the test that called",
		onCall("os.Exit", "syscall.Exit", "runtime.Goexit", "log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf"),
		map[string]string{"internal/auth/a.go": `package auth; import "os"; func f() { os.Exit(1) }`},
	}, {
		"no context values", "what a function needs stands in its parameters, where the compiler sees that it is missing",
		onCall("context.WithValue"),
		map[string]string{"internal/auth/a.go": `package auth; import "context"; var _ = context.WithValue(nil, 1, 2)`},
	}, {
		"packages are named for what they do", "anything fits into a package with such a name, so everything ends up there",
		func(p *project) (found []string) {
			for _, s := range p.sources {
				switch name := s.file.Name.Name; strings.TrimSuffix(strings.TrimSuffix(name, "_test"), "s") {
				case "util", "utilitie", "helper", "manager", "common", "misc", "shared", "base", "type":
					found = append(found, s.path+": package "+name)
				}
			}
			return found
		},
		map[string]string{"internal/auth/a.go": `package utils`},
	}, {
		"libraries are decided", "each library is a risk that someone has to weigh: the table of decision 0006 says who imports it and why",
		undecidedLibraries,
		map[string]string{librariesNote: libraryTable, "internal/auth/a.go": `package auth; import _ "github.com/spf13/viper"`},
	}, {
		"libraries are used", "a row of that table whose import has gone misleads",
		unusedLibraries,
		map[string]string{librariesNote: libraryTable, "internal/auth/a.go": `package auth`},
	},
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	check(t, rules)
}

// check runs each rule on this project, which it must pass, and on its sample, which it must not.
func check(t *testing.T, rules []rule) {
	ours := parse(t, os.DirFS(".."))
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for _, problem := range r.find(ours) {
				t.Errorf("%s\n  why not: %s", problem, r.why)
			}
			sample := fstest.MapFS{}
			for name, text := range r.sample {
				sample[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if len(r.find(parse(t, sample))) == 0 {
				t.Error("the rule does not see what is wrong in its own sample")
			}
		})
	}
}

// project is the source as rules see it.
type project struct {
	fsys    fs.FS
	fset    *token.FileSet
	sources []source
}

type source struct {
	path string // slashed, from the top of the project
	file *ast.File
}

func (s source) pkg() string { return path.Dir(s.path) }

// test says whether a file is never part of the program.
func (s source) test() bool {
	return strings.HasSuffix(s.path, "_test.go") || forTestsOnly(s.pkg())
}

// forTestsOnly knows such a package of ours by the end of its name.
func forTestsOnly(pkg string) bool {
	pkg = strings.TrimPrefix(pkg, module)
	return strings.HasPrefix(pkg, "internal/") && strings.HasSuffix(pkg, "test")
}

// parse reads the Go files of every system, whatever the one that this runs on.
func parse(t *testing.T, fsys fs.FS) *project {
	t.Helper()
	p := &project{fsys: fsys, fset: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "dist" || name != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(p.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		p.sources = append(p.sources, source{name, file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *project) at(s source, n ast.Node) string {
	return fmt.Sprintf("%s:%d: ", s.path, p.fset.Position(n.Pos()).Line)
}

func (p *project) where(wanted func(source) bool) []source {
	return slices.DeleteFunc(slices.Clone(p.sources), func(s source) bool { return !wanted(s) })
}

func (p *project) in(pkg string) []source {
	return p.where(func(s source) bool { return s.pkg() == pkg && !s.test() })
}

// shipped is the code of the program below main.
func (p *project) shipped() []source {
	return p.where(func(s source) bool { return !s.test() && strings.HasPrefix(s.path, "internal/") })
}

// imports calls f for every import of every file.
func (p *project) imports(f func(s source, at *ast.ImportSpec, imported string)) {
	for _, s := range p.sources {
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
			f(s, spec, imported)
		}
	}
}

func onImport(problem func(s source, imported string) string) func(*project) []string {
	return func(p *project) (found []string) {
		p.imports(func(s source, at *ast.ImportSpec, imported string) {
			if text := problem(s, imported); text != "" {
				found = append(found, p.at(s, at)+text)
			}
		})
		return found
	}
}

func forbid(paths ...string) func(source, string) string {
	return func(_ source, imported string) string {
		for _, p := range paths {
			if imported == p || strings.HasPrefix(imported, p+"/") {
				return "imports " + imported
			}
		}
		return ""
	}
}

// onCall finds the use of functions in what ships, also where they are only passed on.
func onCall(functions ...string) func(*project) []string {
	return func(p *project) (found []string) {
		for _, s := range p.shipped() {
			ast.Inspect(s.file, func(n ast.Node) bool {
				if e, ok := n.(*ast.SelectorExpr); ok && slices.Contains(functions, name(e)) {
					found = append(found, p.at(s, n)+name(e))
				}
				return true
			})
		}
		return found
	}
}

// name is a.b for the expression a.b, a for a, and empty for all else.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if left := name(e.X); left != "" {
			return left + "." + e.Sel.Name
		}
	}
	return ""
}
