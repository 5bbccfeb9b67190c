package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// apiFlags is a call of the API as the command line says it.
type apiFlags struct {
	method  string
	raw     []string // -f
	files   []string // -F
	headers []string
	input   string
	fields  string
	include bool
	silent  bool
	waits   waitFlags
	rows    rowFlags
	pages   pageFlags
}

// apiMinTTL is little, because a request that comes too late is repeated with a new session.
const apiMinTTL = 30 * time.Second

func newAPICmd(a *app) *cobra.Command {
	var flags apiFlags
	cmd := &cobra.Command{
		Use:   "api PATH",
		Short: "Call the Workfront API with the session",
		Long: `Call the Workfront API and print the answer as the server sent it (indented at a terminal).

PATH is proj/search for /attask/api/v22.0/proj/search; one that begins with / or with attask/ is taken from the host's root, and
a full URL must be of the profile's host. The method is GET, or POST with --input and for upload. Parameters of -f and -F go
into the query of a GET or DELETE and into the form of a POST or PUT. What begins with $$ stands in single quotes, or the shell
replaces it. A search that does not say how many rows it wants ($$LIMIT) gets the first 100.

-f @FILE takes a parameter from each line of FILE, as filters are copied from Workfront's text mode. -F key=@FILE takes the value
from FILE, without its last line end; for upload it is the file itself, every byte of it. --input FILE is looked at before it is
sent: it must be JSON, in UTF-8.

With --paginate a whole list is read, whatever its length, and each row that is there throughout is written once, in ascending
order of ID: as one JSON document, or as -o says.

Columns of csv, tsv and table are the fields that are named, by --fields, -f fields= or in PATH. Where none is, or a star
(owner:*), they are all keys that any row has, and the rows wait in a private temporary file until the last has come. The groups
of a report and the keys of map=true are columns before them.

--out FILE replaces FILE when the whole answer is there; if anything fails, FILE stays as it was. --dates iso writes Workfront's
dates (2026-03-08T17:00:00:000+0400) as 2026-03-08T17:00:00+04:00, which jq's fromdate reads.

If Workfront refuses, its answer is printed to stdout all the same, the message goes to stderr, and the exit status is 3.`,
		Example: `  wfauth api proj/search -f status=CUR -f '$$LIMIT=20' --fields ID,name,owner:name
  wfauth api 'task/count?status=NEW' --jq .data.count
  wfauth api task/search --paginate --fields ID,name,project:name -o csv --out tasks.csv
  wfauth api hour/report -f project:name_1_GroupBy=true -f hours_AggFunc=sum -o table
  wfauth api proj/58d389be000000deb46805b72b41e3b4 -X PUT -f name='New name'
  wfauth api hour --input hours.json
  wfauth api upload -F uploadedFile=@brief.pdf --jq .data.handle`,
		Args: exactArgs("PATH"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.api(cmd, args[0], flags) },
	}
	f := cmd.Flags()
	f.StringVarP(&flags.method, "method", "X", "", "HTTP `method`")
	f.StringArrayVarP(&flags.raw, "field", "f", nil, "a parameter, `key=value`, or @FILE with one on each line")
	f.StringArrayVarP(&flags.files, "file-field", "F", nil, "a parameter or a file, `key=value`, key=@FILE, or key=- for stdin")
	f.StringArrayVarP(&flags.headers, "header", "H", nil, "a request header, `'K: V'`")
	f.StringVar(&flags.input, "input", "", "send this `FILE` as JSON; - is stdin, sent as it comes")
	f.StringVar(&flags.fields, "fields", "", "the fields to return, `a,b` (the parameter fields)")
	f.BoolVarP(&flags.include, "include", "i", false, "print the answer's status and headers before it")
	f.BoolVar(&flags.silent, "silent", false, "do not print the answer")
	flags.waits.add(cmd)
	flags.rows.add(cmd)
	flags.pages.add(cmd)
	return cmd
}

func (a *app) api(cmd *cobra.Command, path string, flags apiFlags) error {
	for _, pair := range [...][2]string{{"jq", "silent"}, {"output", "silent"}, {"out", "silent"}, {"out", "include"}} {
		if err := onlyOne(cmd, pair[0], pair[1]); err != nil {
			return err
		}
	}
	if err := flags.rows.check(cmd); err != nil {
		return err
	}
	if err := flags.pages.check(a, cmd); err != nil {
		return err
	}
	if err := flags.waits.check(cmd); err != nil {
		return err
	}
	ctx, cancel := flags.waits.bound(cmd.Context())
	defer cancel()
	s, err := a.settings(cmd)
	if err != nil {
		return err
	}
	request, done, err := a.apiRequest(ctx, path, flags)
	if err != nil {
		return err
	}
	defer done()
	if lastSegment(path) == "count" && flags.rows.asRows() && !flags.pages.all && !request.Changes() {
		return usagef(again(cmd, ".data.count"), "a count is one number and no row, so -o %s cannot write it", flags.rows.format)
	}
	a.noteDollars(request)
	client, honoured, err := a.connect(ctx, s, flags.waits)
	if err != nil {
		return err
	}
	defer honoured()
	to, err := a.destination(ctx, flags.rows.out)
	if err != nil {
		return err
	}
	if flags.pages.all {
		var read int
		if read, err = a.paginate(ctx, client, request, flags.listing(), to); read == 0 {
			if answer := workfront.AnswerOf(err); len(answer) > 0 {
				a.printAnswerOf(a.stdout(ctx), answer)
			}
		}
	} else {
		err = a.call(ctx, client, request, flags, to)
	}
	err = to.end(err)
	if e, ok := errors.AsType[*output.NoRowsError](err); ok && !request.Changes() {
		err = &hinted{err, again(cmd, e.Path)}
	}
	return a.apiHint(cmd, request, err)
}

// call sends one request and prints its answer.
func (a *app) call(ctx context.Context, client *workfront.Client, r workfront.Request, flags apiFlags, to destination) error {
	answer, err := client.Do(ctx, r)
	if answer == nil {
		return err
	}
	defer answer.Body.Close()
	masks := echoesSession(r.Path)
	if err != nil {
		flags.rows = rowFlags{} // a refusal is printed as it came
		masks = true            // but for a session that it repeats
		to = a.stdout(ctx)
	}
	if printErr := a.printAnswer(ctx, to, answer, r, flags, masks); err == nil {
		err = printErr
	}
	if err == nil {
		a.noteHundred(r, answer)
	}
	return err
}

// printAnswer prints an answer; with masks, without the session that it may repeat.
func (a *app) printAnswer(ctx context.Context, to destination, answer *workfront.Response, r workfront.Request, flags apiFlags, masks bool) error {
	isJSON := strings.Contains(answer.Header.Get("Content-Type"), "json")
	asRows, program := flags.rows.asRows(), flags.rows.program
	// A file that is sent as one stays as it is.
	dates := flags.rows.dates != "" && (isJSON && !isAttachment(answer) || asRows || program != nil)
	if flags.include {
		if masks || dates {
			answer.Header.Del("Content-Length")
		}
		if err := a.printHead(to, answer); err != nil {
			return err
		}
	}
	if flags.silent {
		return nil
	}
	if !masks && program == nil && !asRows && !(to.terminal && isJSON) {
		return copyAnswer(to.shown(), answer.Body, dates)
	}
	whole, err := readDocument(answer.Body, maxDocument)
	if err != nil {
		return err
	}
	if masks {
		for _, session := range sessionsIn(whole) { // another than the request's, where that has no sessionID
			a.secrets.Add(session)
		}
		whole = []byte(a.secrets.Text(string(whole)))
	}
	if dates {
		whole = output.AppendISODates(nil, whole)
	}
	switch {
	case asRows:
		err := a.printRows(ctx, to, whole, r, flags.rows)
		if _, ok := errors.AsType[*output.NoRowsError](err); ok && r.Changes() {
			// It was done, and cannot be asked again to be seen.
			_ = output.Document(a.stdout(ctx).shown(), whole, a.env.Terminal.Out)
		}
		return err
	case program != nil:
		err := program.Run(ctx, to.shown(), whole)
		if errors.Is(err, output.ErrHalt) {
			return nil
		}
		return err
	}
	return output.Document(to.shown(), whole, to.terminal)
}

// copyAnswer writes a body as it comes, however long it is.
func copyAnswer(out io.Writer, body io.Reader, dates bool) error {
	finish := func() error { return nil }
	if dates {
		iso := output.ISODatesWriter(out)
		out, finish = iso, iso.Close
	}
	n, err := io.Copy(out, body)
	if err == nil {
		err = finish()
	}
	if err != nil && n > 0 && !output.ReaderGone(err) {
		return fmt.Errorf("after %d bytes: %w", n, err)
	}
	return err
}

// isAttachment tells whether an answer is a file that someone has stored.
func isAttachment(answer *workfront.Response) bool {
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Disposition"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "attachment")
}

// echoesSession knows the answers that repeat the sessionID; wfauth token is the command that prints one.
func echoesSession(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	return slices.ContainsFunc(strings.Split(path, "/"), func(segment string) bool {
		return strings.EqualFold(segment, "session") || strings.EqualFold(segment, "login")
	})
}

// sessionsIn are the sessionIDs that an answer tells: by an access token one asks for a sessionID, too.
func sessionsIn(answer []byte) (sessions []string) {
	for _, m := range regexp.MustCompile(`(?i)"sessionID"\s*:\s*"((?:[^"\\]|\\.)+)"`).FindAllSubmatch(answer, -1) {
		sessions = append(sessions, string(m[1]))
	}
	return sessions
}

func (a *app) printHead(to destination, answer *workfront.Response) error {
	var head strings.Builder
	fmt.Fprintf(&head, "%s %d %s\r\n", answer.Proto, answer.Status, http.StatusText(answer.Status))
	names := make([]string, 0, len(answer.Header))
	for name := range answer.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range answer.Header[name] {
			if strings.EqualFold(name, "Set-Cookie") || workfront.Credential(name) {
				value = "***" // a cookie of Workfront's is the session
			}
			fmt.Fprintf(&head, "%s: %s\r\n", name, value)
		}
	}
	head.WriteString("\r\n")
	text := a.secrets.Text(head.String())
	if to.terminal {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	_, err := io.WriteString(to.shown(), text)
	return err
}
