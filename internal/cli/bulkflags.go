package cli

import (
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/workfront"
)

// bulkFlags are those of a verb that is done to the rows of an input.
type bulkFlags struct {
	verb            bulk.Verb
	input, journal  string
	key             string
	concurrency     int
	atomic          bool
	resume, retries bool
	yes, force      bool // of delete
}

// maxConcurrency of writes: Workfront answers many at once with 429, and they wait for each other there.
const maxConcurrency = 16

// bulkOnly are the flags that mean nothing without --input.
var bulkOnly = [...]string{"journal", "key", "concurrency", "atomic", "resume", "retry-uncertain"}

func (b *bulkFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&b.input, "input", "", "do it for each row of this `FILE`: CSV, NDJSON or a JSON array; - is stdin")
	f.IntVar(&b.concurrency, "concurrency", 1, "with --input: send up to `N` requests at once")
	f.BoolVar(&b.atomic, "atomic", false, "with --input: each request of 100 rows is done as a whole or not at all")
	f.StringVar(&b.journal, "journal", "", "with --input: keep what was done in this `FILE` instead of one beside the input")
	f.BoolVar(&b.resume, "resume", false, "with --input: go on where an earlier run ended")
	f.BoolVar(&b.retries, "retry-uncertain", false, "with --input: send again what may have been done by an earlier run")
}

func (b *bulkFlags) addKey(cmd *cobra.Command) {
	cmd.Flags().StringVar(&b.key, "key", "", "with --input: a `FIELD` by which an object is known at Workfront, such as extRefID")
}

// checkUnused refuses flags of bulk where there is no input. b may be nil.
func (b *bulkFlags) checkUnused(cmd *cobra.Command) error {
	for _, name := range bulkOnly {
		if f := cmd.Flag(name); b != nil && f != nil && f.Changed {
			return usagef(cmd.CommandPath()+" --help", "--%s belongs to --input", name)
		}
	}
	return nil
}

// check refuses what cannot be meant with --input.
func (b *bulkFlags) check(cmd *cobra.Command, args []string) error {
	help := cmd.CommandPath() + " --help"
	if len(args) > 0 {
		return usagef(help, "%s: with --input all stands in the file", args[0])
	}
	if b.input == "" {
		return usagef(help, "--input: the name of a file is wanted")
	}
	if err := checkCounts(cmd, count{"concurrency", b.concurrency, maxConcurrency}); err != nil {
		return err
	}
	for _, name := range [...]string{"fields", "output", "jq", "dates", "out", "bom"} {
		if f := cmd.Flag(name); f != nil && f.Changed {
			return usagef(help, "--%s and --input cannot be given together: a line of JSON is printed for each row", name)
		}
	}
	if f := cmd.Flag("key"); f != nil && f.Changed && b.key == "" {
		return usagef(help, "--key: the name of a field is wanted")
	}
	if b.verb == bulk.Upsert && b.key == "" {
		return usagef(help, "--key is missing: the field by which an object is known at Workfront, such as extRefID")
	}
	b.resume = b.resume || b.retries
	return nil
}

// forced are the parameters of a delete.
func (b *bulkFlags) forced() []workfront.Field {
	if !b.force {
		return nil
	}
	return []workfront.Field{{Key: "force", Value: "true"}}
}
