package shellproof_test.rule.clean
