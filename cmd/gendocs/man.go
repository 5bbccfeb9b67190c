package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A manual writes man pages straight from the commands. By way of Markdown, as cobra does it, what stands in angle brackets
// would be lost and lists would run together.
type manual struct {
	version string // may be empty
	date    string // may be empty: nothing else about a page depends on when it is made
}

// sourceDate is the day that SOURCE_DATE_EPOCH names, as reproducible-builds.org has it.
func sourceDate() (string, error) {
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return "", nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return "", fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly), nil
}

// tree writes a page for a command and for each below it.
func (m manual) tree(cmd *cobra.Command, folder string) error {
	for _, sub := range shown(cmd) {
		if err := m.tree(sub, folder); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, pageName(cmd)+".1"), m.page(cmd), 0o644)
}

func (m manual) page(cmd *cobra.Command) []byte {
	cmd.InitDefaultHelpFlag()
	var p page
	p.macro("TH", strings.ToUpper(pageName(cmd)), "1", m.date, strings.TrimSpace("wfauth "+m.version), "wfauth manual")
	p.WriteString(".nr HY 0\n.nh\n.ad l\n") // what is typed is not broken or spread
	p.section("NAME", pageName(cmd)+" - "+cmd.Short)
	p.section("SYNOPSIS")
	p.macro("B", cmd.UseLine())
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	p.section("DESCRIPTION")
	p.text(long)
	if subs := shown(cmd); len(subs) > 0 {
		p.section("COMMANDS")
		for _, sub := range subs {
			p.item(sub.CommandPath(), sub.Short)
		}
	}
	p.options("OPTIONS", cmd.NonInheritedFlags())
	p.options("OPTIONS OF EVERY COMMAND", cmd.InheritedFlags())
	if cmd.Example != "" {
		p.section("EXAMPLES")
		p.text(cmd.Example)
	}
	see := []string{"https://github.com/wfauth/wfauth"}
	for _, sub := range shown(cmd) {
		see = append(see, pageName(sub)+"(1)")
	}
	if cmd.HasParent() {
		see = append(see, pageName(cmd.Parent())+"(1)")
	}
	p.section("SEE ALSO", strings.Join(see, ", "))
	return p.Bytes()
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func shown(cmd *cobra.Command) (subs []*cobra.Command) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			subs = append(subs, sub)
		}
	}
	return subs
}

// A page is one in the language of man(7).
type page struct{ bytes.Buffer }

// roff makes of each character what shows it in every output device.
var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`)

func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, arg := range args {
		p.WriteString(` "` + roff.Replace(arg) + `"`)
	}
	p.WriteString("\n")
}

// line writes one of text, which is no macro whatever it begins with.
func (p *page) line(text string) {
	text = roff.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	p.WriteString(text + "\n")
}

func (p *page) section(title string, lines ...string) {
	p.macro("SH", title)
	for _, text := range lines {
		p.line(text)
	}
}

func (p *page) item(term, text string) {
	p.WriteString(".TP\n")
	p.macro("B", term)
	p.line(text)
}

// wrapped is how long lines of help are at least, if they end for want of room and not because a line of a list does.
const wrapped = 110

// text writes paragraphs; lines that are indented stay as they are.
func (p *page) text(long string) {
	for i, paragraph := range strings.Split(strings.Trim(long, "\n"), "\n\n") {
		asIs := strings.HasPrefix(paragraph, "  ")
		switch {
		case asIs:
			p.WriteString(".IP\n.EX\n")
		case i > 0:
			p.WriteString(".PP\n")
		}
		lines := strings.Split(paragraph, "\n")
		for n, text := range lines {
			p.line(text)
			if n+1 < len(lines) && !asIs {
				if next, _, _ := strings.Cut(lines[n+1], " "); len(text)+len(next) < wrapped {
					p.WriteString(".br\n")
				}
			}
		}
		if asIs {
			p.WriteString(".EE\n")
		}
	}
}

func (p *page) options(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		term := strings.TrimSpace("--" + f.Name + " " + name)
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", " + term
		}
		switch f.DefValue {
		case "", "false", "[]", "0", "0s":
		default:
			usage += " (default " + f.DefValue + ")"
		}
		p.item(term, usage)
	})
}
