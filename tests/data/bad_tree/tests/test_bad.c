/* A test that sleeps. */
void test(void)
{
    sleep(1);
}
