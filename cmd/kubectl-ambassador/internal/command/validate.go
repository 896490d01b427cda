package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newValidate() *cobra.Command {
	var files []string
	command := &cobra.Command{
		Use:   "validate -f FILE...",
		Short: "Report every mistake of the Ambassadors in files",
		Long: "Report every mistake of every Ambassador in the files, each with its file and line: what the API server would\n" +
			"refuse, what the operator would, jq programs that do not compile, and examples that do not come out as they say.\n" +
			"Ambassadors that a workload takes in are checked together where the files hold them. No cluster is asked.\n" +
			"The exit code is 1 where there is a mistake.",
		Example: "  kubectl ambassador validate -f themoviedb.yaml -f omdb.yaml\n" +
			"  kubectl kustomize . | kubectl ambassador validate -f -",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			files = append(files, args...)
			if len(files) == 0 {
				return errNoFile
			}
			resources, err := readFiles(cmd.Context(), files, cmd.InOrStdin())
			found := check(resources)
			if err := errors.Join(err, found.mistakes()); err != nil {
				return err
			}
			for _, note := range found.notes {
				fmt.Fprintln(cmd.ErrOrStderr(), note)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), verdict(len(resources)))
			return err
		},
	}
	command.Flags().StringArrayVarP(&files, "filename", "f", nil, "file with Ambassadors, YAML or JSON; - is standard input; may be given again")
	return command
}

func verdict(resources int) string {
	switch resources {
	case 0:
		return "no Ambassador to check"
	case 1:
		return "1 Ambassador is valid"
	default:
		return fmt.Sprintf("%d Ambassadors are valid", resources)
	}
}
